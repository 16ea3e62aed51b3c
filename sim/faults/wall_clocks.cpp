// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/wall_clocks.hpp"

#include <algorithm>
#include <cmath>

namespace chaski::sim {
namespace {

/// The bounds of chaskid's belief: a clock that was set at all, and an absence that can be. For the
/// first it takes 2024; worlds of the simulator begin in November 2023.
constexpr std::int64_t kSetAfter_s = 1'672'531'200;
constexpr std::int64_t kAwayMax_s = std::int64_t{30} * 24 * 3'600;

std::int64_t believed_s(std::int64_t then_s, std::int64_t now_s) {
  if (then_s < kSetAfter_s || now_s < kSetAfter_s) return 0;
  return std::clamp<std::int64_t>(now_s - then_s, 0, kAwayMax_s);
}

std::int64_t whole_s(base::Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
}

}  // namespace

WallClocks::WallClocks(World& world, const WrongClocks& rules, const std::vector<bool>& wrong,
                       base::Random& random)
    : world_(world), rules_(rules), wrong_(wrong), random_(random) {}

double WallClocks::within(double bound) {
  return bound * (2 * random_.unit() - 1);
}

void WallClocks::begin() {
  for (NodeIndex node = 0; node < wrong_.size(); ++node) {
    if (!wrong_[node]) continue;
    nodes_.push_back(node);
    const double offset_s = within(static_cast<double>(whole_s(rules_.offset_max)));
    world_.turn_wall_clock(node, std::llround(offset_s));
    world_.set_wall_drift(node, within(rules_.drift_ppm_max));
  }
  plan_jump();
}

void WallClocks::plan_jump() {
  if (rules_.jumps_per_hour <= 0 || nodes_.empty()) return;
  const double per_s = rules_.jumps_per_hour * static_cast<double>(nodes_.size()) / 3'600;
  const double after_s = std::min(-std::log1p(-random_.unit()) / per_s, 1e9);
  const base::Duration after(static_cast<std::int64_t>(after_s * 1e6) + 1);
  world_.at(world_.now() + after, [this] {
    const NodeIndex node = nodes_[random_.below(nodes_.size())];
    world_.turn_wall_clock(node,
                           std::llround(within(static_cast<double>(whole_s(rules_.jump_max)))));
    ++jumps_;
    plan_jump();
  });
}

void WallClocks::outage_begins(NodeIndex node) {
  if (wrong_[node]) away_[node] = {world_.now(), world_.wall_clock(node)};
}

void WallClocks::outage_ends(NodeIndex node) {
  const auto found = away_.find(node);
  if (found == away_.end()) return;
  const Absence absence = found->second;
  away_.erase(found);
  if (rules_.forgets) {
    world_.turn_wall_clock(node, -world_.wall_clock(node));
    ++forgotten_;
  }
  const std::int64_t believed = believed_s(absence.wall_s, world_.wall_clock(node));
  world_.hold_back_time(node, world_.now() - absence.since - std::chrono::seconds(believed));
}

}  // namespace chaski::sim
