// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport-ble/pipe_link.hpp"
#include "transport-ble/bluez_adapter.hpp"
#include "transport-ble/l2cap_socket.hpp"
#include "transport-ble/pipe_dial.hpp"

namespace chaski::transport_ble {

/// The links of one adapter: what happens between a connected device and frames.
///
/// Rules: (1) who was dialled is asked for its info once BlueZ knows its services, and a pipe to it
/// is made. (2) Who dialled us opens the pipe; only connected devices with a slot may. (3) When
/// both dialled, the pipe of the side with the smaller tag stands. (4) A device without a pipe, or
/// whose link ended, is hung up.
class BluezLinks : public std::enable_shared_from_this<BluezLinks> {
 public:
  static constexpr std::chrono::seconds kAcceptPause{1};

  struct Events {
    std::function<void(base::LinkId, const std::shared_ptr<PipeLink>&)> opened;
    std::function<void(base::LinkId)> ended;
    std::function<void(int level, const std::string&)> log;
  };

  BluezLinks(std::shared_ptr<PipeLinkHost> host, std::shared_ptr<BluezAdapter> adapter,
             Events events);

  /// The identity address is known, or another. `channels`: L2CAP is offered and dialled.
  void listen(Device own, bool channels);
  void connected(Device device);
  void resolved(Device device);
  void disconnected(Device device);
  void lane(Device device, std::unique_ptr<FramePipe> pipe);
  /// The adapter is gone.
  void end();

  /// The neighbour behind a link of ours is this one.
  void identified(base::LinkId link, const Neighbour& neighbour);
  /// Says goodbye on every link.
  void close_all();
  /// Links, and what may become one.
  std::size_t size() const;
  std::size_t open() const;
  std::size_t open(PipeKind kind) const;
  std::string problem() const { return problem_; }

 private:
  struct Place {
    std::shared_ptr<PipeDial> dial;
    std::vector<std::shared_ptr<PipeLink>> links;
  };

  void wait_accept();
  void accept_later();
  void accepted(L2capAccepted accepted);
  void dialled(Device device, std::unique_ptr<FramePipe> pipe, PipeKind kind,
               const std::string& problem);
  void add(Device device, std::unique_ptr<FramePipe> pipe, PipeKind kind, base::LinkRole role);
  bool greeted(Device device, const PipeLink& link, const Tag& theirs);
  void ended(Device device, const PipeLink& link, const char* why);
  void hang_up_if_idle(Device device);
  void log(const std::string& text) const { events_.log(7, text); }

  std::shared_ptr<PipeLinkHost> host_;
  std::shared_ptr<BluezAdapter> adapter_;
  Events events_;
  std::optional<Device> own_;
  bool channels_ = true;
  std::optional<boost::asio::posix::stream_descriptor> listening_;
  boost::asio::steady_timer accept_pause_;
  std::string problem_;
  std::map<Device, Place> places_;
};

}  // namespace chaski::transport_ble
