// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "transport-ble/ble_uuids.hpp"

namespace chaski::transport_ble {

/// Who has which lane of a listener, by the name of its device (ble.md, 5.1 and 5.10).
///
/// Rules: (1) a device has at most one, for kKeptUnused after it last asked, or for as long as it
/// uses it. (2) After that it is nobody else's until the device is gone, or for kKeptAfter: what
/// the device still sends would mix with what the next one sends.
class LaneTable {
 public:
  static constexpr std::chrono::seconds kKeptUnused{10};
  /// Longer than a packet is sent again.
  static constexpr std::chrono::seconds kKeptAfter{60};

  /// The lane of the device, 1 to kLanesMax; 0 when none is free.
  std::size_t give(const std::string& device, base::Time now);
  /// Whether the lane is the device's.
  bool has(const std::string& device, std::size_t lane, base::Time now) const;
  void used(std::size_t lane);
  void ended(std::size_t lane, base::Time now);
  /// The device is gone; its lane, or 0.
  std::size_t release(const std::string& device);
  /// Lanes that were kept for somebody who did not come: they are nobody's from now on.
  std::vector<std::size_t> expire(base::Time now);

 private:
  struct Place {
    std::string device;  ///< empty: nobody's
    bool used = false;
    base::Time until;  ///< when it is not used
  };

  std::array<Place, kLanesMax> places_;  ///< lane n at n - 1
};

}  // namespace chaski::transport_ble
