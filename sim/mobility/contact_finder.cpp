// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/contact_finder.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

/// Nodes are in the wrong cell for up to a microsecond, in which two at the highest speed come
/// this much nearer, and rounding adds to it.
double cell_min(double range_m) { return range_m * 1.001 + 2e-6 * kSpeedMax_m_per_s + .001; }

/// Cells are divided when a move looks at more others than this, in the mean.
constexpr std::uint64_t kCrowded = 24;

constexpr unsigned kKindBits = 2;

/// So many microseconds after the time of an approach, in whole ones.
std::int64_t rounded_up(const Approach& approach, double after_us) {
  return approach.at_us + static_cast<std::int64_t>(std::ceil(std::max(after_us, 0.0)));
}

}  // namespace

ContactFinder::ContactFinder(Mobility& mobility, double range_m, base::Time end)
    : mobility_(mobility), range_m_(range_m), end_(end),
      grid_(mobility.area(), mobility.nodes(), cell_min(range_m)), near_(mobility.nodes()) {
  CHASKI_ASSERT(range_m > 0 && end >= base::Time{});
  CHASKI_ASSERT(end <= kFinderEndMax);
  for (NodeIndex node = 0; node < nodes(); ++node) {
    CHASKI_ASSERT(mobility.leg(node).begin == base::Time{});
    grid_.place(node, mobility.leg(node));
    // Those before it are in their cells.
    grid_.visit_around(node, [&](NodeIndex other) {
      ++costs_.candidates;
      predict_up(node, other);
    });
    plan_move(node);
  }
}

void ContactFinder::push(std::int64_t at_us, Kind kind, NodeIndex a, NodeIndex b,
                         std::uint32_t version_a, std::uint32_t version_b) {
  if (at_us > to_us(end_)) return;
  const std::uint64_t key =
      (static_cast<std::uint64_t>(at_us) << kKindBits) | static_cast<std::uint64_t>(kind);
  wheel_.push({key, a, b, version_a, version_b});
  costs_.pending_max = std::max(costs_.pending_max, wheel_.size());
}

void ContactFinder::push_pair(std::int64_t at_us, Kind kind, NodeIndex a, NodeIndex b) {
  if (a > b) std::swap(a, b);
  push(at_us, kind, a, b, grid_.version(a), grid_.version(b));
}

void ContactFinder::plan_move(NodeIndex node) {
  const KineticGrid::NextStep next = grid_.next_step(node, now_us_);
  push(next.at_us, Kind::move, node, static_cast<NodeIndex>(next.step), epoch_, 0);
}

void ContactFinder::predict_up(NodeIndex a, NodeIndex b) {
  const Approach approach = grid_.approach(a, b, now_us_);
  const auto enters = approach.enters(range_m_);
  if (!enters) return;
  // When a leg ends first, its end looks again.
  const std::int64_t until = std::min(grid_.leg_end_us(a), grid_.leg_end_us(b));
  if (*enters > static_cast<double>(until - approach.at_us)) return;
  const std::int64_t at_us = std::max(now_us_, rounded_up(approach, *enters));
  if (at_us < until) push_pair(at_us, Kind::up, a, b);
}

void ContactFinder::predict_down(NodeIndex a, NodeIndex b) {
  const Approach approach = grid_.approach(a, b, now_us_);
  const double leaves = approach.leaves(range_m_);
  const std::int64_t until = std::min(grid_.leg_end_us(a), grid_.leg_end_us(b));
  if (leaves > static_cast<double>(until - approach.at_us)) return;
  const std::int64_t at_us = std::max(now_us_, rounded_up(approach, leaves));
  if (at_us < until) push_pair(at_us, Kind::down, a, b);
}

std::optional<ContactChange> ContactFinder::next_until(base::Time limit) {
  limit = std::min(limit, end_);
  while (!wheel_.empty()) {
    const Event event = wheel_.front([this](const Event& soon) { prefetch(soon); });
    const auto at_us = static_cast<std::int64_t>(event.key >> kKindBits);
    if (at_us > to_us(limit)) break;
    wheel_.pop();
    now_us_ = at_us;
    if (static_cast<Kind>(event.key & 3) != Kind::move) {
      if (auto changed = change(event)) return changed;
      ++costs_.stale;
    } else if (event.version_a == epoch_) {
      move(event.a, static_cast<KineticGrid::Step>(event.b));
    }
  }
  now_us_ = std::max(now_us_, to_us(limit));
  return std::nullopt;
}

void ContactFinder::move(NodeIndex node, KineticGrid::Step step) {
  if (step == KineticGrid::Step::leg_ends) {
    ++costs_.legs;
    grid_.follow(node, mobility_.advance(node));
    grid_.visit_around(node, [&](NodeIndex other) {
      ++costs_.candidates;
      if (!near_.contains(node, other)) predict_up(node, other);
    });
    for (const NodeIndex other : near_.of(node)) predict_down(node, other);
  } else {
    ++costs_.crossings;
    grid_.take(node, step);
    // Nobody there is in contact: they are a cell away.
    grid_.visit_new(node, step, [&](NodeIndex other) {
      ++costs_.candidates;
      predict_up(node, other);
    });
  }
  plan_move(node);
  divide_when_crowded();
}

bool ContactFinder::leaves_by(std::int64_t time_us, NodeIndex a, NodeIndex b) const {
  const Approach approach = grid_.approach(a, b, time_us);
  return approach.leaves(range_m_) <= static_cast<double>(time_us - approach.at_us);
}

std::optional<ContactChange> ContactFinder::change(const Event& event) {
  const auto [key, a, b, version_a, version_b] = event;
  if (version_a != grid_.version(a) || version_b != grid_.version(b)) return std::nullopt;
  const bool up = static_cast<Kind>(key & 3) == Kind::up;
  // A contact that was predicted twice, from two cells, is one.
  if (near_.contains(a, b) == up) return std::nullopt;
  if (up) {
    if (leaves_by(now_us_, a, b)) return std::nullopt;
    near_.join(a, b);
    predict_down(a, b);
  } else {
    near_.part(a, b);
  }
  ++costs_.changes;
  return ContactChange{base::from_us(now_us_), a, b, up};
}

void ContactFinder::divide_when_crowded() {
  const std::uint64_t moves = costs_.legs + costs_.crossings - moves_at_look_;
  if (moves < std::max<std::uint64_t>(nodes(), 256)) return;
  const std::uint64_t candidates = costs_.candidates - candidates_at_look_;
  moves_at_look_ = costs_.legs + costs_.crossings;
  candidates_at_look_ = costs_.candidates;
  if (candidates <= kCrowded * moves || !grid_.can_divide()) return;
  grid_.divide(now_us_);
  ++epoch_;
  for (NodeIndex node = 0; node < nodes(); ++node) plan_move(node);
}

void ContactFinder::prefetch(const Event& event) const {
  grid_.prefetch(event.a);
  if (static_cast<Kind>(event.key & 3) == Kind::move) return;
  grid_.prefetch(event.b);
  near_.prefetch(event.a);
  near_.prefetch(event.b);
}

Point ContactFinder::position(NodeIndex node, base::Time at) const {
  const std::int64_t at_us = to_us(at);
  CHASKI_ASSERT(at_us >= grid_.leg_begin_us(node) && at_us <= grid_.leg_end_us(node));
  return mobility_.area().wrap(grid_.position(node, at_us));
}

double ContactFinder::distance_m(NodeIndex a, NodeIndex b, base::Time at) const {
  return length_m(mobility_.area().way(position(a, at), position(b, at)));
}

}  // namespace chaski::sim
