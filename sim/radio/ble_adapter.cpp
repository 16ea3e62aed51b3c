// SPDX-License-Identifier: Apache-2.0
#include "sim/radio/ble_adapter.hpp"

#include <algorithm>
#include <utility>

namespace chaski::sim {
namespace {

double seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

bool before(const InRange& one, NodeIndex other) {
  return one.other < other;
}

}  // namespace

InRange* BleAdapter::find(NodeIndex other) {
  const auto at = std::lower_bound(near.begin(), near.end(), other, before);
  return at == near.end() || at->other != other ? nullptr : &*at;
}

bool BleAdapter::add(NodeIndex other) {
  const auto at = std::lower_bound(near.begin(), near.end(), other, before);
  if (at != near.end() && at->other == other) return false;
  InRange fresh;
  fresh.other = other;
  near.insert(at, fresh);
  return true;
}

void BleAdapter::remove(NodeIndex other) {
  const auto at = std::lower_bound(near.begin(), near.end(), other, before);
  if (at != near.end() && at->other == other) near.erase(at);
}

void BleAdapter::stop_scanning(base::Time now) {
  if (std::exchange(scanning, false)) use.scan_s += seconds(now - scanning_since);
}

void BleAdapter::stop_advertising(base::Time now) {
  if (!on_air) return;
  use.advertisements += seconds(now - on_air_since) / seconds(on_air->interval);
  on_air.reset();
}

void BleAdapter::stop_dialling(base::Time now) {
  if (dial) use.dial_s += seconds(now - dialling_since);
  dial.reset();
}

}  // namespace chaski::sim
