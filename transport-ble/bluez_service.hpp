// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "transport-ble/ble_lane_table.hpp"
#include "transport-ble/bluez_decode.hpp"
#include "transport-ble/bluez_lane.hpp"

namespace chaski::transport_ble {

/// Our GATT service as bluetoothd reads it: info and the lanes (ble.md, 5.1 and 5.10).
///
/// Who reads info has a lane, by the path of its device; when both of its descriptors are there,
/// Events::lane follows. Source: BlueZ 5.66, doc/gatt-api.txt and src/gatt-database.c.
class BluezService {
 public:
  struct Events {
    /// A device uses a lane of ours; never called from within a handler of the connection.
    std::function<void(const std::string& device_path, std::unique_ptr<FramePipe>)> lane;
  };

  BluezService(boost::asio::io_context& io, sdbus::IConnection& connection, std::string path,
               Events events);
  ~BluezService();

  /// Where L2CAP channels are taken; 0 for nowhere, as at first.
  void set_psm(std::uint16_t psm) { psm_ = psm; }
  /// The device is not connected any more: what it had is free, and its pipe ends.
  void release(const std::string& device_path);

  const std::string& path() const { return path_; }

 private:
  enum class Side { kWrite, kNotify };
  /// What one lane has of bluetoothd.
  struct Place {
    std::unique_ptr<sdbus::IObject> write, notify;
    LaneEnds ends;                                 ///< before it is a pipe
    std::function<void(const char* why)> breaker;  ///< of the pipe
    std::uint64_t use = 0;                         ///< counts pipes
  };

  void add_info(sdbus::IConnection& connection);
  void add_lane(sdbus::IConnection& connection, std::size_t lane, Side side);
  std::vector<std::uint8_t> read_info(const Properties& options);
  std::tuple<sdbus::UnixFd, std::uint16_t> acquire(std::size_t lane, Side side,
                                                   const Properties& options);
  void begin(std::size_t lane, const std::string& device);
  void ended(std::size_t lane, std::uint64_t use);
  void expire();

  boost::asio::io_context& io_;
  std::string path_;
  Events events_;
  std::uint16_t psm_ = 0;
  LaneTable table_;
  std::unique_ptr<sdbus::IObject> root_, service_, info_;
  std::array<Place, kLanesMax> places_;                    ///< lane n at n - 1
  std::shared_ptr<char> life_ = std::make_shared<char>();  ///< gone when this is
};

}  // namespace chaski::transport_ble
