// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "base/time.hpp"
#include "transport-ble/bluez_decode.hpp"

namespace chaski::transport_ble {

/// The object that bluetoothd reads our advertisement from: service data and intervals, no name.
///
/// Source: BlueZ 5.66, doc/advertising-api.txt. It stays where it is while it is not registered.
class BluezAdvertisement {
 public:
  BluezAdvertisement(sdbus::IConnection& connection, std::string path);

  void set(const Datum& datum, base::Duration interval);
  /// Tells bluetoothd that the properties changed.
  void tell();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::vector<std::uint8_t> bytes_;
  std::uint32_t interval_ms_ = 0;
  std::unique_ptr<sdbus::IObject> object_;
};

}  // namespace chaski::transport_ble
