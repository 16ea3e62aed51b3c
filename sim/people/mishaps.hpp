// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sim/people/people.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// What a mishap does to a node, beside what the world does: radios and counters follow it.
struct MishapHooks {
  std::function<void(NodeIndex)> ending;  ///< its process ends; it can still be looked at
  std::function<void(NodeIndex)> begun;   ///< its process is there again
  /// Its outage has begun, and is about to end: it is off.
  std::function<void(NodeIndex)> outage_begun;
  std::function<void(NodeIndex)> outage_ending;
};

/// Lets go wrong what PeopleFaults says: each kind a Poisson process over all nodes.
class Mishaps {
 public:
  /// All must outlive this; nothing happens before begin().
  Mishaps(World& world, const PeopleFaults& faults, base::Random& random, MishapHooks hooks);
  void begin();
  std::uint64_t crashes() const { return crashes_; }
  std::uint64_t outages() const { return outages_; }

 private:
  base::Duration until_next(double per_node_and_hour);
  void plan_crash();
  void plan_outage();

  World& world_;
  const PeopleFaults& faults_;
  base::Random& random_;
  MishapHooks hooks_;
  std::uint64_t crashes_ = 0;
  std::uint64_t outages_ = 0;
};

}  // namespace chaski::sim
