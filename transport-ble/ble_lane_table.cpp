// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_lane_table.hpp"

#include <algorithm>

namespace chaski::transport_ble {

std::vector<std::size_t> LaneTable::expire(base::Time now) {
  std::vector<std::size_t> lanes;
  for (std::size_t lane = 1; lane <= kLanesMax; ++lane) {
    auto& place = places_[lane - 1];
    if (place.device.empty() || place.used || now < place.until) continue;
    place = Place{};
    lanes.push_back(lane);
  }
  return lanes;
}

std::size_t LaneTable::give(const std::string& device, base::Time now) {
  expire(now);
  auto found = std::find_if(places_.begin(), places_.end(),
                            [&](const Place& place) { return place.device == device; });
  if (found == places_.end()) {
    found = std::find_if(places_.begin(), places_.end(),
                         [](const Place& place) { return place.device.empty(); });
  }
  if (found == places_.end()) return 0;
  found->device = device;
  found->until = std::max(found->until, now + kKeptUnused);
  return static_cast<std::size_t>(found - places_.begin()) + 1;
}

bool LaneTable::has(const std::string& device, std::size_t lane, base::Time now) const {
  const auto& place = places_.at(lane - 1);
  return !device.empty() && place.device == device && (place.used || now < place.until);
}

void LaneTable::used(std::size_t lane) {
  places_.at(lane - 1).used = true;
}

void LaneTable::ended(std::size_t lane, base::Time now) {
  auto& place = places_.at(lane - 1);
  if (!place.used) return;
  place.used = false;
  place.until = now + kKeptAfter;
}

std::size_t LaneTable::release(const std::string& device) {
  for (std::size_t lane = 1; lane <= kLanesMax; ++lane) {
    auto& place = places_[lane - 1];
    if (device.empty() || place.device != device) continue;
    place = Place{};
    return lane;
  }
  return 0;
}

}  // namespace chaski::transport_ble
