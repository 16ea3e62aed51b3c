// SPDX-License-Identifier: Apache-2.0
#include "transport-lan/connection.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"
#include "transport-lan/origin.hpp"
#include "transport-lan/sockets.hpp"

namespace chaski::transport_lan {

namespace asio = boost::asio;
using boost::system::error_code;

base::MutableByteView ConnectionHost::read_buffer() {
  if (!read_buffer_) read_buffer_.reset(new std::uint8_t[kReadBufferSize]);
  return {read_buffer_.get(), kReadBufferSize};
}

base::MutableByteView ConnectionHost::write_buffer() {
  if (!write_buffer_) write_buffer_.reset(new std::uint8_t[kWriteBufferSize]);
  return {write_buffer_.get(), kWriteBufferSize};
}

Connection::Connection(std::shared_ptr<ConnectionHost> host, Tcp::socket socket,
                       base::LinkRole role)
    : host_(std::move(host)), socket_(std::move(socket)), role_(role) {
  error_code ignored;
  remote_ = plain(socket_.remote_endpoint(ignored).address());
  local_ = plain(socket_.local_endpoint(ignored).address());
  socket_.non_blocking(true, ignored);
  set_connection_options(socket_);
}

void Connection::start() {
  if (ended()) return;
  arm(kGreetingTimeout, "it said nothing for 5 s");
  if (role_ == base::LinkRole::initiator && !write(encode_preamble(host_->own))) return;
  wait_readable();
}

void Connection::arm(std::chrono::steady_clock::duration after, const char* why) {
  timer_.emplace(host_->io);
  timer_->expires_after(after);
  timer_->async_wait([self = weak_from_this(), why](const error_code& error) {
    auto connection = self.lock();
    if (!error && connection) connection->abort(why);
  });
}

void Connection::wait_readable() {
  socket_.async_wait(Tcp::socket::wait_read, [self = shared_from_this()](const error_code& error) {
    self->on_readable(error);
  });
}

void Connection::wait_writable() {
  socket_.async_wait(Tcp::socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->on_writable(error);
  });
}

void Connection::on_readable(const error_code& error) {
  if (ended()) return;
  if (error) return abort("the socket failed");
  switch (state_) {
    case State::greeting: return read_preamble();
    case State::open: return closing_ ? discard() : read_turn();
    case State::lingering: return discard();
    case State::ended: return;
  }
}

void Connection::read_preamble() {
  Preamble buffer;
  const std::size_t missing = kPreambleSize - partial_.size();
  error_code error;
  const std::size_t got = socket_.read_some(asio::buffer(buffer.data(), missing), error);
  if (error && !would_block(error)) return abort("it closed before it said who it is");
  partial_.insert(partial_.end(), buffer.begin(), buffer.begin() + static_cast<long>(got));
  if (partial_.size() < kPreambleSize) return wait_readable();
  const auto instance = decode_preamble(partial_);
  if (!instance) return abort("it does not speak this protocol");
  instance_ = *instance;
  partial_ = {};
  greet();
}

void Connection::greet() {
  if (role_ == base::LinkRole::responder && !write(encode_preamble(host_->own))) return;
  if (!host_->alive) return;
  link_ = host_->hooks.new_link_id();
  if (!host_->greeted(*this)) return abort("there is a connection to it already");
  timer_.reset();
  state_ = State::open;
  told_open_ = host_->hooks.opened(link_, role_, LanTransport::kFrameSizeMax, origin_of(remote_));
  if (!told_open_) return abort("the node refused it");
  kick();
  wait_readable();
}

void Connection::read_turn() {
  const auto buffer = host_->read_buffer();
  std::size_t have = partial_.size(), turn = 0;
  std::copy(partial_.begin(), partial_.end(), buffer.begin());
  partial_ = {};
  const char* end = nullptr;
  while (turn < ConnectionHost::kTurnBytesMax && end == nullptr) {
    error_code error;
    const std::size_t room = buffer.size() - have;
    const std::size_t got = socket_.read_some(asio::buffer(buffer.data() + have, room), error);
    if (error && !would_block(error)) end = "it closed the connection";
    const auto [used, fine] = take_frames(buffer.first(have + got));
    if (!fine) end = "it sent a frame of a forbidden size";
    if (state_ != State::open || closing_) break;
    have = have + got - used;
    turn += got;
    std::copy_n(buffer.begin() + static_cast<long>(used), have, buffer.begin());
    if (got < room) break;
  }
  if (state_ != State::open) return;
  if (end != nullptr) return abort(end);
  if (!closing_) partial_.assign(buffer.begin(), buffer.begin() + static_cast<long>(have));
  wait_readable();
}

Split Connection::take_frames(base::MutableByteView bytes) {
  return split_frames(bytes, LanTransport::kFrameSizeMax, [this](base::MutableByteView frame) {
    request_batch_done();
    host_->hooks.received(link_, frame);
    return host_->alive && state_ == State::open && !closing_;
  });
}

void Connection::request_batch_done() {
  if (std::exchange(host_->batch_pending, true)) return;
  asio::post(host_->io, [host = host_] {
    host->batch_pending = false;
    if (host->alive && host->hooks.batch_done) host->hooks.batch_done();
  });
}

void Connection::kick() {
  if (state_ != State::open || std::exchange(kicked_, true)) return;
  asio::post(host_->io, [self = shared_from_this()] {
    self->kicked_ = false;
    self->pump();
  });
}

void Connection::pump() {
  if (state_ != State::open || !out_.empty() || !host_->alive) return;
  const auto buffer = host_->write_buffer();
  bool drained = false;
  for (std::size_t turn = 0; turn < ConnectionHost::kTurnBytesMax && !drained;) {
    const std::size_t size = fill(buffer, drained);
    if (state_ != State::open || !write(buffer.first(size)) || !out_.empty()) return;
    turn += size;
  }
  if (!drained) return kick();
  if (closing_) last_frames_written();
}

std::size_t Connection::fill(base::MutableByteView buffer, bool& drained) {
  constexpr std::size_t kFrameRoom = LanTransport::kFrameSizeMax;
  std::size_t used = 0;
  while (buffer.size() - used >= kLengthSize + kFrameRoom) {
    const auto room = buffer.subspan(used + kLengthSize, kFrameRoom);
    const std::size_t length = host_->hooks.next_frame(link_, room);
    CHASKI_ASSERT(length <= kFrameRoom);
    drained = length == 0 || !host_->alive;
    if (drained) break;
    encode_length(buffer.subspan(used), length);
    used += kLengthSize + length;
  }
  return used;
}

/// Writes what the socket takes now and keeps the rest; false when the connection ended.
bool Connection::write(base::ByteView bytes) {
  while (!bytes.empty()) {
    error_code error;
    const std::size_t done = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
    if (error && !would_block(error)) {
      abort("it closed the connection");
      return false;
    }
    bytes = bytes.subspan(done);
    if (!error) continue;
    out_.assign(bytes.begin(), bytes.end());
    out_done_ = 0;
    wait_writable();
    break;
  }
  return true;
}

void Connection::on_writable(const error_code& error) {
  if (ended()) return;
  if (error) return abort("the socket failed");
  while (out_done_ < out_.size()) {
    error_code failed;
    const auto rest = asio::buffer(out_.data() + out_done_, out_.size() - out_done_);
    out_done_ += socket_.write_some(rest, failed);
    if (would_block(failed)) return wait_writable();
    if (failed) return abort("it closed the connection");
  }
  out_ = {};
  pump();
}

void Connection::close() {
  if (closing_ || ended()) return;
  if (state_ != State::open) return abort("closed by us");
  closing_ = true;
  why_ = "closed by us";
  arm(kLingerTimeout, "closed by us");
  kick();
}

void Connection::last_frames_written() {
  error_code ignored;
  socket_.shutdown(Tcp::socket::shutdown_send, ignored);
  // Closing with unread bytes would take the last frames from the peer: read until it closes too.
  state_ = State::lingering;
}

void Connection::discard() {
  const auto buffer = host_->read_buffer();
  for (std::size_t turn = 0; turn < ConnectionHost::kTurnBytesMax;) {
    error_code error;
    const std::size_t got = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
    if (would_block(error)) break;
    if (error) return abort("closed by us");
    turn += got;
  }
  wait_readable();
}

void Connection::abort(const char* why) {
  if (ended()) return;
  state_ = State::ended;
  if (!closing_) why_ = why;
  timer_.reset();
  error_code ignored;
  socket_.close(ignored);
  partial_ = {};
  out_ = {};
  asio::post(host_->io, [self = shared_from_this()] {
    auto& host = *self->host_;
    if (!host.alive) return;
    if (self->told_open_ && host.hooks.closed) host.hooks.closed(self->link_);
    if (host.alive && host.ended) host.ended(*self);
  });
}

}  // namespace chaski::transport_lan
