// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace chaski::base {

/// The clock of a node: microseconds that never go back and that count suspend.
///
/// It has no now(): the pure core is told the time, and asking for it does not compile. The daemon
/// maps CLOCK_BOOTTIME onto it, continuing over restarts; the simulator maps virtual time.
struct NodeClock {
  using rep = std::int64_t;
  using period = std::micro;
  using duration = std::chrono::duration<rep, period>;
  using time_point = std::chrono::time_point<NodeClock>;
  static constexpr bool is_steady = true;
};

using Duration = NodeClock::duration;
using Time = NodeClock::time_point;

/// Microseconds since the node's own epoch, for storage.
inline std::int64_t to_us(Time time) { return time.time_since_epoch().count(); }
inline Time from_us(std::int64_t us) { return Time{Duration{us}}; }

}  // namespace chaski::base
