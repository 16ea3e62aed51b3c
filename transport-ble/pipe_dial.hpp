// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "transport-ble/ble_greeting.hpp"
#include "transport-ble/bluez_session.hpp"
#include "transport-ble/frame_pipe.hpp"

namespace chaski::transport_ble {

/// Makes a pipe to a device that we connected: reads its info, dials its L2CAP channel, and takes
/// the lane when there is no channel (ble.md, 5.2).
class PipeDial : public std::enable_shared_from_this<PipeDial> {
 public:
  static constexpr std::chrono::seconds kChannelPatience{3};  // ble.md, 5.2

  struct Whom {
    Device own;     ///< identity address of our adapter
    Device device;  ///< theirs
    /// The path of the characteristic with this UUID, among what BlueZ found there.
    std::function<std::optional<std::string>(const std::string& uuid)> find;
    bool lane_only = false;
  };
  /// A pipe and what it is, or nothing and why.
  using Done =
      std::function<void(std::unique_ptr<FramePipe>, PipeKind, const std::string& problem)>;

  PipeDial(boost::asio::io_context& io, std::shared_ptr<BluezSession> session, Whom whom,
           Done done);
  /// `done` is called once, from the loop; not after cancel().
  void start();
  void cancel();

 private:
  void informed(const ServiceInfo& info);
  void dial_channel();
  void channel_decided();
  void take_lane(const std::string& otherwise);
  void finish(std::unique_ptr<FramePipe> pipe, PipeKind kind, const std::string& problem);
  void fail(const std::string& problem) { finish(nullptr, PipeKind::lane, problem); }

  boost::asio::io_context& io_;
  std::shared_ptr<BluezSession> session_;
  Whom whom_;
  Done done_;
  ServiceInfo info_;
  std::optional<boost::asio::posix::stream_descriptor> channel_;
  boost::asio::steady_timer patience_;
};

}  // namespace chaski::transport_ble
