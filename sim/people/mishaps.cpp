// SPDX-License-Identifier: Apache-2.0
#include "sim/people/mishaps.hpp"

#include <algorithm>
#include <cmath>

namespace chaski::sim {

Mishaps::Mishaps(World& world, const PeopleFaults& faults, base::Random& random, MishapHooks hooks)
    : world_(world), faults_(faults), random_(random), hooks_(std::move(hooks)) {}

void Mishaps::begin() {
  plan_crash();
  plan_outage();
}

base::Duration Mishaps::until_next(double per_node_and_hour) {
  const double per_s = per_node_and_hour * static_cast<double>(world_.size()) / 3'600;
  const double s = -std::log1p(-random_.unit()) / per_s;
  return base::Duration(static_cast<std::int64_t>(std::min(s, 1e9) * 1e6) + 1);
}

void Mishaps::plan_crash() {
  if (faults_.crashes_per_hour <= 0) return;
  world_.at(world_.now() + until_next(faults_.crashes_per_hour), [this] {
    const auto node = static_cast<NodeIndex>(random_.below(world_.size()));
    if (world_.powered(node) && world_.is_node(node)) {
      ++crashes_;
      hooks_.ending(node);
      world_.crash_and_restart(node);
      hooks_.begun(node);
    }
    plan_crash();
  });
}

void Mishaps::plan_outage() {
  if (faults_.outages_per_hour <= 0) return;
  world_.at(world_.now() + until_next(faults_.outages_per_hour), [this] {
    const auto node = static_cast<NodeIndex>(random_.below(world_.size()));
    if (world_.powered(node) && world_.is_node(node)) {
      ++outages_;
      hooks_.ending(node);
      world_.set_power(node, false);
      if (hooks_.outage_begun) hooks_.outage_begun(node);
      world_.at(world_.now() + faults_.outage, [this, node] {
        if (hooks_.outage_ending) hooks_.outage_ending(node);
        world_.set_power(node, true);
        hooks_.begun(node);
      });
    }
    plan_outage();
  });
}

}  // namespace chaski::sim
