// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "base/random.hpp"
#include "sim/faults/people_faults.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Switches radios off and on as SleepingRadios says.
class Sleepers {
 public:
  using SetRadio = std::function<void(NodeIndex, bool on)>;

  /// `sleeps`: who does, by node. Phases of duty cycles are drawn. All must outlive this; nothing
  /// happens before begin().
  Sleepers(World& world, const SleepingRadios& rules, const std::vector<bool>& sleeps,
           base::Random& random, SetRadio set_radio);
  void begin();

  /// Times that a radio was switched off.
  std::uint64_t naps() const { return naps_; }
  /// Summed over nodes, up to `now`.
  double asleep_s(base::Time now) const;

 private:
  void plan(NodeIndex node, base::Duration after, bool on);
  void turn(NodeIndex node, bool on);
  void begin_cycle(NodeIndex node);
  void begin_night(NodeIndex node);
  base::Duration lasts(bool on) const;

  World& world_;
  const SleepingRadios& rules_;
  const std::vector<bool>& sleeps_;
  base::Random& random_;
  SetRadio set_radio_;
  std::vector<std::optional<base::Time>> asleep_since_;  ///< by node
  std::uint64_t naps_ = 0;
  double slept_s_ = 0;  ///< in naps that are over
};

}  // namespace chaski::sim
