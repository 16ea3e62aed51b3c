// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>
#include <sdbus-c++/sdbus-c++.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace chaski::dbus {

/// Drives one D-Bus connection from the Asio loop: its descriptor, its timeout, its messages.
///
/// Call update() after calls made outside of a handler of this connection. `lost` is called once,
/// never from within a call, when the bus is gone; keep the object until then, or stop() it.
class SdbusLoop : public std::enable_shared_from_this<SdbusLoop> {
 public:
  /// Messages handled before others get their turn.
  static constexpr int kMessagesPerTurn = 64;

  SdbusLoop(boost::asio::io_context& io, std::unique_ptr<sdbus::IConnection> connection,
            std::function<void()> lost)
      : io_(io),
        connection_(std::move(connection)),
        lost_(std::move(lost)),
        // A copy, so that Asio and the connection may close theirs in any order.
        descriptor_(io, ::dup(connection_->getEventLoopPollData().fd)),
        timer_(io) {}

  sdbus::IConnection& connection() { return *connection_; }

  void stop() {
    lost_ = nullptr;
    boost::system::error_code ignored;
    descriptor_.close(ignored);
    timer_.cancel();
  }

  void fail() {
    if (auto lost = std::exchange(lost_, nullptr)) boost::asio::post(io_, std::move(lost));
    stop();
  }

  /// Not now, but soon: for what must not happen within a handler of this connection.
  template <class Work>
  void later(Work&& work) {
    boost::asio::post(io_, std::forward<Work>(work));
  }

  void update() {
    if (!lost_ || processing_) return;
    try {
      arm(connection_->getEventLoopPollData());
    } catch (const sdbus::Error&) {
      fail();
    }
  }

 private:
  void arm(const sdbus::IConnection::PollData& wanted) {
    using Wait = boost::asio::posix::stream_descriptor::wait_type;
    if ((wanted.events & POLLIN) != 0 && !std::exchange(reading_, true)) {
      wait(Wait::wait_read, &SdbusLoop::reading_);
    }
    if ((wanted.events & POLLOUT) != 0 && !std::exchange(writing_, true)) {
      wait(Wait::wait_write, &SdbusLoop::writing_);
    }
    const auto after = wanted.getRelativeTimeout();
    if (!after) {
      timer_.cancel();
      return;
    }
    timer_.expires_after(*after);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
      auto self = weak.lock();
      if (!error && self) self->process();
    });
  }

  void wait(boost::asio::posix::stream_descriptor::wait_type what, bool SdbusLoop::*flag) {
    using Error = boost::system::error_code;
    descriptor_.async_wait(what, [weak = weak_from_this(), flag](const Error& error) {
      auto self = weak.lock();
      if (!self) return;
      (*self).*flag = false;
      if (!error) self->process();
    });
  }

  void process() {
    if (!lost_) return;
    const auto self = shared_from_this();
    processing_ = true;
    try {
      int turn = 0;
      while (lost_ && connection_->processPendingRequest()) {
        if (++turn < kMessagesPerTurn) continue;
        boost::asio::post(io_, [self] { self->process(); });
        break;
      }
      processing_ = false;
      update();
    } catch (const sdbus::Error&) {
      processing_ = false;
      fail();
    }
  }

  boost::asio::io_context& io_;
  std::unique_ptr<sdbus::IConnection> connection_;
  std::function<void()> lost_;
  boost::asio::posix::stream_descriptor descriptor_;
  boost::asio::steady_timer timer_;
  bool reading_ = false, writing_ = false, processing_ = false;
};

}  // namespace chaski::dbus
