// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "transport-ble/bluez_decode.hpp"
#include "transport-ble/frame_pipe.hpp"

namespace chaski::transport_ble {

/// Our GATT service as bluetoothd reads it: the characteristic info (ble.md, 5.1).
///
/// It offers no lane yet: info says 0. Source: BlueZ 5.66, doc/gatt-api.txt.
class BluezService {
 public:
  struct Events {
    /// A device uses a lane of ours; never called from within a handler of the connection.
    std::function<void(const std::string& device_path, std::unique_ptr<FramePipe>)> lane;
  };

  BluezService(boost::asio::io_context& io, sdbus::IConnection& connection, std::string path,
               Events events);

  /// Where L2CAP channels are taken; 0 for nowhere, as at first.
  void set_psm(std::uint16_t psm) { psm_ = psm; }
  /// The device is not connected any more: what it had is free.
  void release(const std::string& device_path);

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  Events events_;
  std::uint16_t psm_ = 0;
  std::unique_ptr<sdbus::IObject> root_, service_, info_;
};

}  // namespace chaski::transport_ble
