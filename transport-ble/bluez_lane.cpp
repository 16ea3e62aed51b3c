// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_lane.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>

#include "base/assert.hpp"
#include "transport-ble/ble_lane.hpp"
#include "transport-ble/bluez_clock.hpp"

namespace chaski::transport_ble {
namespace {

using boost::system::error_code;
using Stream = boost::asio::posix::stream_descriptor;

// Opcode, handle and length, of several notifications in one (Core 5.4, Vol 3 Part F, 3.4.7.4): so
// BlueZ sends even one, and cuts off without a word what does not fit.
constexpr std::size_t kAttHeaderSize = 5;
constexpr std::size_t kMtuMin = 23;  // Core 5.4, Vol 3 Part G, 5.2.1

std::size_t packet_size(std::size_t mtu) {
  return std::clamp(mtu, kMtuMin, kAttHeaderSize + kLanePacketSizeMax) - kAttHeaderSize;
}

/// An empty value reads like the end of the file: whether it was that.
bool hung_up(int fd) {
  pollfd asked{fd, POLLRDHUP, 0};
  return ::poll(&asked, 1, 0) != 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace

class LanePipe::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(boost::asio::io_context& io, LaneEnds ends, std::function<void()> gone)
      : io_(io),
        lane_(packet_size(ends.mtu)),
        write_(io, ends.write.release()),
        read_(io, ends.read.release()),
        timer_(io),
        finish_timer_(io),
        gone_(std::move(gone)) {}

  void start(Events events) {
    events_ = std::make_shared<Events>(std::move(events));
    if (ended_) return tell_ended();
    wait_readable(read_);
    // bluetoothd says nothing there, but it is how the end of that one is heard.
    wait_readable(write_);
    pump();
  }

  bool room() const { return !ended_ && !finishing_ && held_ == 0 && lane_.room(); }

  void send(base::ByteView frame) {
    CHASKI_ASSERT(room());
    lane_.send(frame);
    had_room_ = false;
    pump();
    had_room_ = room();
  }

  void finish() {
    if (ended_ || std::exchange(finishing_, true)) return;
    finish_timer_.expires_after(kFinishTimeout);
    finish_timer_.async_wait([weak = weak_from_this()](const error_code& error) {
      auto self = weak.lock();
      if (!error && self) self->fail("closed by us");
    });
    pump();
  }

  /// `ended` is not called.
  void end() {
    silent_ = true;
    events_.reset();
    close();
  }

  void fail(const char* why) {
    if (ended_) return;
    why_ = why;
    close();
    tell_ended();
  }

  std::size_t frame_size_max() const { return lane_.frame_size_max(); }
  Counts counts() const { return {lane_.sent_again(), lane_.dropped()}; }

 private:
  void tell_ended() {
    if (!events_) return;  // start() comes back to it
    boost::asio::post(io_, [self = shared_from_this()] {
      if (self->silent_ || !self->events_->ended) return;
      const auto events = self->events_;
      events->ended(self->why_);
    });
  }

  void close() {
    if (std::exchange(ended_, true)) return;
    error_code ignored;
    write_.close(ignored);
    read_.close(ignored);
    timer_.cancel();
    finish_timer_.cancel();
    if (auto gone = std::exchange(gone_, nullptr)) gone();
  }

  void wait_readable(Stream& stream) {
    stream.async_wait(Stream::wait_read,
                      [weak = weak_from_this(), &stream](const error_code& error) {
                        auto self = weak.lock();
                        if (!self || self->ended_) return;
                        if (error) return self->fail("the descriptor failed");
                        self->read_turn(stream);
                      });
  }

  void read_turn(Stream& stream) {
    // One more than a packet may have: longer ones are none.
    std::array<std::uint8_t, kLanePacketSizeMax + 1> value{};
    for (int turn = 0; turn < kPacketsPerTurn; ++turn) {
      const int fd = stream.native_handle();
      const ssize_t got = ::recv(fd, value.data(), value.size(), MSG_DONTWAIT);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
      if (got < 0 || (got == 0 && hung_up(fd))) return fail("the other side is gone");
      if (&stream != &read_) continue;
      lane_.receive(base::ByteView(value).first(static_cast<std::size_t>(got)), steady_now());
      if (!take_frames()) return;
    }
    turn();
    if (!ended_) wait_readable(stream);
  }

  /// False when it ended meanwhile.
  bool take_frames() {
    while (auto frame = lane_.next_frame()) {
      const auto events = events_;
      if (!finishing_ && events->received) events->received(*frame);
      if (ended_) return false;
    }
    return true;
  }

  void pump() {
    if (ended_ || !events_) return;
    while (held_ == 0) {
      held_ = lane_.next_packet(packet_, steady_now());
      if (held_ == 0) break;
      if (!write()) return;
    }
    if (lane_.dead()) return fail(lane_.why_dead());
    if (finishing_ && held_ == 0 && lane_.idle()) return fail("closed by us");
    arm();
  }

  /// Writes the packet that is held, or waits to; false when it ended.
  bool write() {
    const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
    while (::send(write_.native_handle(), packet_.data(), held_, flags) < 0) {
      if (errno == EINTR) continue;
      if (errno != EAGAIN && errno != EWOULDBLOCK) {
        fail("the other side is gone");
        return false;
      }
      write_.async_wait(Stream::wait_write, [weak = weak_from_this()](const error_code& error) {
        auto self = weak.lock();
        if (!self || self->ended_) return;
        if (error) return self->fail("the descriptor failed");
        if (self->write() && self->held_ == 0) self->turn();
      });
      return true;
    }
    held_ = 0;
    return true;
  }

  void arm() {
    timer_.cancel();
    const auto at = lane_.next_wakeup();
    if (!at || held_ > 0) return;  // as long as nothing can be written nothing is to be done
    timer_.expires_after(std::max(*at - steady_now(), base::Duration(0)));
    timer_.async_wait([weak = weak_from_this()](const error_code& error) {
      auto self = weak.lock();
      if (!error && self && !self->ended_) self->turn();
    });
  }

  /// A pump from the loop, where events may be called.
  void turn() {
    pump();
    tell_room();
  }

  void tell_room() {
    if (had_room_ || !room()) return;
    had_room_ = true;
    const auto events = events_;
    if (events->room) events->room();
  }

  boost::asio::io_context& io_;
  Lane lane_;
  Stream write_, read_;
  boost::asio::steady_timer timer_, finish_timer_;
  std::function<void()> gone_;
  std::shared_ptr<Events> events_;
  std::array<std::uint8_t, kLanePacketSizeMax> packet_{};
  std::size_t held_ = 0;  ///< bytes of packet_ that the descriptor refused
  bool had_room_ = true;  ///< what the owner knows
  bool finishing_ = false, ended_ = false, silent_ = false;
  const char* why_ = "";
};

LanePipe::LanePipe(boost::asio::io_context& io, LaneEnds ends, std::function<void()> gone)
    : core_(std::make_shared<Core>(io, std::move(ends), std::move(gone))) {}

LanePipe::~LanePipe() {
  core_->end();
}
void LanePipe::start(Events events) {
  core_->start(std::move(events));
}
std::size_t LanePipe::frame_size_max() const {
  return core_->frame_size_max();
}
bool LanePipe::room() const {
  return core_->room();
}
void LanePipe::send(base::ByteView frame) {
  core_->send(frame);
}
void LanePipe::finish() {
  core_->finish();
}
void LanePipe::end() {
  core_->end();
}
LanePipe::Counts LanePipe::counts() const {
  return core_->counts();
}

std::function<void(const char*)> LanePipe::breaker() const {
  return [weak = std::weak_ptr(core_)](const char* why) {
    if (auto core = weak.lock()) core->fail(why);
  };
}

}  // namespace chaski::transport_ble
