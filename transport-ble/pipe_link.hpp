// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "base/transport_hooks.hpp"
#include "transport-ble/ble_greeting.hpp"
#include "transport-ble/frame_pipe.hpp"

namespace chaski::transport_ble {

/// What all links of one transport share.
struct PipeLinkHost {
  explicit PipeLinkHost(boost::asio::io_context& context) : io(context) {}

  boost::asio::io_context& io;
  base::TransportHooks hooks;
  bool alive = true;  ///< false once the owner is gone: no hook is called any more
  bool batch_pending = false;

  void request_batch_done(const std::shared_ptr<PipeLinkHost>& self);
};

/// One link over a pipe: greeting, then frames.
///
/// Rules: (1) the listener greets only after the dialler did (ble.md, 5.3); what differs, or is not
/// there within kGreetingTimeout, ends it. (2) Frames are pulled only while the pipe has room. (3)
/// hooks.closed comes once for each link whose hooks.opened returned true, never from within
/// another hook.
class PipeLink : public std::enable_shared_from_this<PipeLink> {
 public:
  static constexpr std::chrono::seconds kGreetingTimeout{5};

  struct Events {
    /// The other end said its tag. False: there is another link to it that stands.
    std::function<bool(const Tag&)> greeted;
    std::function<void()> carried;
    /// Whether more wants to go than goes.
    std::function<void(bool)> waiting;
    /// It is over; called once, last.
    std::function<void(const char* why)> ended;
  };

  PipeLink(std::shared_ptr<PipeLinkHost> host, std::unique_ptr<FramePipe> pipe,
          const Greeting& own, base::LinkRole role, Events events);

  void start();
  /// There may be frames to pull.
  void kick();
  /// Sends what next_frame still gives, then ends.
  void close();
  void abort(const char* why);

  base::LinkId link() const { return link_; }
  base::LinkRole role() const { return role_; }
  bool open() const { return state_ == State::open; }
  PipeKind kind() const { return own_.kind; }

 private:
  enum class State { greeting, open, ended };

  void received(base::MutableByteView frame);
  void greet(base::ByteView frame);
  void pump();
  void end_after_last();
  void set_waiting(bool waiting);

  std::shared_ptr<PipeLinkHost> host_;
  std::unique_ptr<FramePipe> pipe_;
  Greeting own_;
  base::LinkRole role_;
  Events events_;
  boost::asio::steady_timer timer_;
  State state_ = State::greeting;
  base::LinkId link_;
  bool told_open_ = false;  ///< hooks.opened returned true
  bool closing_ = false;
  bool spoke_last_ = false;  ///< something was sent after close()
  bool kicked_ = false;
  bool waiting_ = false;
};

}  // namespace chaski::transport_ble
