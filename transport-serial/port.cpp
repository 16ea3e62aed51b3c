// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/port.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"

namespace chaski::transport_serial {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Stream = asio::posix::stream_descriptor;

bool would_block(const error_code& error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

/// What a slow line carries in a quarter of a second, so that nothing urgent waits for longer.
std::size_t frame_size_of(std::uint32_t bytes_per_s) {
  return std::clamp<std::size_t>(bytes_per_s / 4, 256, 2048);
}

}  // namespace

void PortHost::request_batch_done(const std::shared_ptr<PortHost>& self) {
  if (std::exchange(batch_pending, true)) return;
  asio::post(io, [self] {
    self->batch_pending = false;
    if (self->alive && self->hooks.batch_done) self->hooks.batch_done();
  });
}

Port::Port(std::shared_ptr<PortHost> host, std::string path, std::uint64_t device, int descriptor,
           const TtySettings& settings)
    : host_(std::move(host)),
      path_(std::move(path)),
      device_(device),
      bytes_per_s_(std::max(settings.baud / 10, 1u)),
      since_(host_->now()),
      buffers_(std::make_unique<Buffers>()),
      descriptor_(host_->io, descriptor),
      timer_(host_->io),
      line_(buffers_->memory(), frame_size_of(bytes_per_s_), bytes_per_s_, host_->random, since_) {}

void Port::start(std::function<void(const char*)> ended) {
  on_end_ = std::move(ended);
  error_code ignored;
  descriptor_.non_blocking(true, ignored);
  wait_readable();
  kick();
}

std::optional<base::LinkId> Port::link() const {
  if (!told_open_) return std::nullopt;
  return link_;
}

void Port::wait_readable() {
  descriptor_.async_wait(Stream::wait_read, [self = shared_from_this()](const error_code& error) {
    if (self->ended_) return;
    if (error) return self->end("it was unplugged");
    self->read_turn();
  });
}

void Port::wait_writable() {
  if (std::exchange(writing_, true)) return;
  descriptor_.async_wait(Stream::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_ = false;
    if (self->ended_) return;
    if (error) return self->end("it was unplugged");
    self->pump();
  });
}

void Port::read_turn() {
  std::array<std::uint8_t, kReadSize> buffer;
  for (std::size_t turn = 0; turn < kTurnBytesMax;) {
    error_code error;
    const std::size_t got = descriptor_.read_some(asio::buffer(buffer), error);
    // A device that is gone gives an error, or nothing for ever.
    if (error && !would_block(error)) return end("it was unplugged");
    if (got == 0 && !error) return end("it was unplugged");
    take({buffer.data(), got});
    if (ended_) return;
    turn += got;
    if (got < buffer.size()) break;
  }
  pump();
  if (!ended_) wait_readable();
}

void Port::take(base::ByteView bytes) {
  while (!bytes.empty() && !ended_) {
    bytes = bytes.subspan(line_.receive(bytes, host_->now()));
    follow();
  }
}

/// What the line has to say, in its order.
void Port::follow() {
  while (const auto event = line_.next_event()) {
    if (event->opened) {
      opened(*event);
    } else {
      closed(event->why);
    }
    if (ended_) return;
  }
  while (const auto frame = line_.next_frame()) {
    if (!told_open_ || closing_ || !host_->alive) continue;
    host_->request_batch_done(host_);
    host_->hooks.received(link_, *frame);
    if (ended_) return;
  }
}

void Port::opened(const LineEvent& event) {
  if (!host_->alive) return;
  ++sessions_;
  link_ = host_->hooks.new_link_id();
  frame_size_max_ = event.frame_size_max;
  closing_ = stopping_;
  // What is behind one cable is one place.
  const std::uint64_t origin = std::uint64_t{1} << 63 | device_;
  told_open_ = host_->hooks.opened(link_, event.role, frame_size_max_, origin);
  if (told_open_) host_->hooks.log(6, path_ + ": somebody is at the other end");
  if (!told_open_) line_.close(host_->now());
}

void Port::closed(EndReason why) {
  closing_ = stopping_;
  peer.clear();
  if (!std::exchange(told_open_, false) || !host_->alive) return;
  host_->hooks.log(6, path_ + ": the link ended: " + to_string(why));
  host_->hooks.closed(link_);
}

void Port::kick() {
  if (ended_ || std::exchange(kicked_, true)) return;
  asio::post(host_->io, [self = shared_from_this()] {
    self->kicked_ = false;
    self->pump();
  });
}

void Port::close() {
  closing_ = true;
  kick();
}

void Port::stop() {
  if (ended_) return;
  stopping_ = closing_ = true;
  kick();
}

void Port::pull_frames() {
  std::array<std::uint8_t, 2048> frame;
  const auto room = base::MutableByteView(frame).first(frame_size_max_);
  while (told_open_ && host_->alive && line_.room()) {
    const std::size_t size = host_->hooks.next_frame(link_, room);
    CHASKI_ASSERT(size <= room.size());
    if (!host_->alive || ended_) return;
    if (size == 0) {
      if (closing_) line_.close(host_->now());
      return;
    }
    line_.send(room.first(size));
  }
}

bool Port::queue_full() {
  const std::uint64_t queue = std::uint64_t{bytes_per_s_} * std::uint64_t{kQueueTime.count()};
  const std::size_t most = std::max<std::size_t>(queue / 1'000, kLineSizeMax);
  return tty_waiting(descriptor_.native_handle()) > most;
}

void Port::pump() {
  if (ended_ || writing_ || !host_->alive) return;
  line_.wake(host_->now());
  follow();
  if (!ended_ && !out_.empty() && !write({})) return;
  while (!ended_) {
    if (queue_full()) return arm(host_->now() + kQueueTime / 2);
    pull_frames();
    if (ended_ || !host_->alive) return;
    std::array<std::uint8_t, kLineSizeMax> bytes;
    const std::size_t size = line_.next_bytes(bytes, host_->now());
    follow();
    if (size == 0) break;
    if (!write({bytes.data(), size})) return;
  }
  if (ended_) return;
  // The goodbye is with the driver.
  if (stopping_ && !line_.open()) return end("stopped");
  arm(line_.next_wakeup());
}

/// Writes what the device takes now and keeps the rest; false when it takes no more.
bool Port::write(base::ByteView bytes) {
  if (!out_.empty()) {
    CHASKI_ASSERT(bytes.empty());
    bytes = out_;
  }
  std::size_t done = 0;
  error_code error;
  while (done < bytes.size() && !error) {
    done += descriptor_.write_some(asio::buffer(bytes.data() + done, bytes.size() - done), error);
  }
  if (error && !would_block(error)) {
    end("it was unplugged");
    return false;
  }
  out_ = base::Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(done), bytes.end());
  if (out_.empty()) return true;
  wait_writable();
  return false;
}

void Port::arm(std::optional<base::Time> at) {
  if (at == armed_) return;
  armed_ = at;
  if (!at) {
    timer_.cancel();
    return;
  }
  timer_.expires_after(std::max(*at - host_->now(), base::Duration::zero()));
  timer_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || self->ended_) return;
    self->armed_.reset();
    self->pump();
  });
}

void Port::abandon() {
  on_end_ = {};
  told_open_ = false;
  end("stopped");
}

void Port::end(const char* why) {
  if (std::exchange(ended_, true)) return;
  timer_.cancel();
  error_code ignored;
  descriptor_.close(ignored);
  asio::post(host_->io, [self = shared_from_this(), why] {
    auto& host = *self->host_;
    const bool told = std::exchange(self->told_open_, false);
    if (host.alive && told) host.hooks.closed(self->link_);
    if (host.alive && self->on_end_) self->on_end_(why);
    self->on_end_ = {};
  });
}

}  // namespace chaski::transport_serial
