// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "transport-ble/bluez_decode.hpp"

namespace chaski::transport_ble {

/// Our GATT service as bluetoothd reads it: the characteristic info (ble.md, 5.1).
///
/// It offers neither a PSM nor a lane: info says 0 for both. Source: BlueZ 5.66, doc/gatt-api.txt.
class BluezService {
 public:
  BluezService(sdbus::IConnection& connection, std::string path);

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::unique_ptr<sdbus::IObject> root_, service_, info_;
};

}  // namespace chaski::transport_ble
