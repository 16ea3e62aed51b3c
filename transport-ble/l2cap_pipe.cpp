// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/l2cap_pipe.hpp"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cerrno>

#include "base/assert.hpp"

namespace chaski::transport_ble {

using boost::system::error_code;
using Stream = boost::asio::posix::stream_descriptor;

struct L2capPipe::Impl : std::enable_shared_from_this<L2capPipe::Impl> {
  Impl(boost::asio::io_context& context, Descriptor socket, std::size_t mtu_in)
      : io(context), stream(context, socket.release()), patience(context), mtu(mtu_in) {}

  void wait_read();
  void wait_write();
  void on_readable();
  void on_writable();
  bool write(base::ByteView frame);
  void fail(const char* why);

  boost::asio::io_context& io;
  Stream stream;
  boost::asio::steady_timer patience;
  std::size_t mtu;
  Events events;
  base::Bytes kept;  ///< a frame that the kernel did not take
  bool full = false;
  bool finishing = false;
  bool ended = false;
  bool silent = false;  ///< nobody wants to hear of it any more
};

void L2capPipe::Impl::wait_read() {
  stream.async_wait(Stream::wait_read, [self = shared_from_this()](const error_code& error) {
    if (self->ended) return;
    if (error) return self->fail("the channel failed");
    self->on_readable();
  });
}

void L2capPipe::Impl::wait_write() {
  full = true;
  stream.async_wait(Stream::wait_write, [self = shared_from_this()](const error_code& error) {
    if (self->ended) return;
    if (error) return self->fail("the channel failed");
    self->on_writable();
  });
}

void L2capPipe::Impl::on_readable() {
  // One byte more than fits: an SDU that is too long is seen, not cut.
  base::Bytes buffer(mtu + 1);
  for (int turn = 0; turn < kFramesPerTurn; ++turn) {
    const ssize_t got = ::recv(stream.native_handle(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (got < 0) return fail("the channel failed");
    if (got == 0) return fail("it closed the channel");
    const auto size = static_cast<std::size_t>(got);
    if (size > mtu) return fail("it sent a frame of a forbidden size");
    if (finishing) continue;
    events.received(base::MutableByteView(buffer).first(size));
    if (ended) return;
  }
  wait_read();
}

void L2capPipe::Impl::on_writable() {
  if (!kept.empty()) {
    const base::Bytes frame = std::exchange(kept, {});
    if (!write(frame)) return;
  }
  if (!kept.empty() || !l2cap_writable(stream.native_handle())) return wait_write();
  full = false;
  if (!finishing) events.room();
}

/// False when the channel failed.
bool L2capPipe::Impl::write(base::ByteView frame) {
  const ssize_t done = ::send(stream.native_handle(), frame.data(), frame.size(), MSG_NOSIGNAL);
  if (done >= 0) return true;
  if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) {
    kept.assign(frame.begin(), frame.end());
    return true;
  }
  fail("the channel failed");
  return false;
}

/// Not from within a call of the owner: `ended` comes later.
void L2capPipe::Impl::fail(const char* why) {
  if (std::exchange(ended, true)) return;
  patience.cancel();
  error_code ignored;
  stream.close(ignored);
  boost::asio::post(io, [self = shared_from_this(), why] {
    const Events last = std::exchange(self->events, {});
    if (!self->silent && last.ended) last.ended(why);
  });
}

L2capPipe::L2capPipe(boost::asio::io_context& io, Descriptor socket, std::size_t mtu)
    : impl_(std::make_shared<Impl>(io, std::move(socket), mtu)) {
  CHASKI_ASSERT(mtu > 0);
}

L2capPipe::~L2capPipe() { end(); }

void L2capPipe::start(Events events) {
  impl_->events = std::move(events);
  impl_->wait_read();
}

std::size_t L2capPipe::frame_size_max() const { return impl_->mtu; }
bool L2capPipe::room() const { return !impl_->full && !impl_->ended && !impl_->finishing; }

void L2capPipe::send(base::ByteView frame) {
  CHASKI_ASSERT(room() && !frame.empty() && frame.size() <= impl_->mtu);
  if (!impl_->write(frame)) return;
  if (!impl_->kept.empty() || !l2cap_writable(impl_->stream.native_handle())) impl_->wait_write();
}

/// Closing now would overtake what the controller does not have yet. The other end closes when it
/// has read the last frame; or nobody is there.
void L2capPipe::finish() {
  if (impl_->ended || std::exchange(impl_->finishing, true)) return;
  impl_->patience.expires_after(kFinishPatience);
  impl_->patience.async_wait([self = impl_](const error_code& error) {
    if (!error) self->fail("closed by us");
  });
}

void L2capPipe::end() {
  impl_->silent = true;
  impl_->fail("closed by us");
}

}  // namespace chaski::transport_ble
