// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/mobility.hpp"

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

/// What models may be off by, in metres: rounding.
constexpr double kTolerance_m = 1e-6;

/// Streams that have nothing to do with each other, by the finalizer of splitmix64.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

std::uint64_t stream(std::uint64_t seed, std::uint64_t group, std::uint64_t member) {
  return mix(mix(mix(seed) ^ group) ^ member);
}

}  // namespace

Mobility::Mobility(std::uint64_t seed, Area area) : seed_(seed), area_(area) {
  CHASKI_ASSERT(area.width_m > 0 && area.height_m > 0);
}

bool Mobility::fits(const Movement& movement) const {
  const Rectangle bounds = movement.bounds();
  return area_.rectangle().contains(bounds.corner(), kTolerance_m) &&
         area_.rectangle().contains(bounds.far_corner(), kTolerance_m);
}

NodeIndex Mobility::add(std::unique_ptr<Movement> movement, std::uint32_t members) {
  CHASKI_ASSERT(fits(*movement));
  const NodeIndex first = nodes();
  const auto group = static_cast<std::uint32_t>(groups_.size());
  walkers_.reserve(walkers_.size() + members);
  for (std::uint32_t member = 0; member < members; ++member) {
    Walker& walker = walkers_.emplace_back(
        Walker{base::SeededRandom(stream(seed_, group, member)), {}, group});
    walker.leg = in_area(movement->first(member, walker.random));
    CHASKI_ASSERT(walker.leg.begin == base::Time{});
  }
  groups_.push_back({std::move(movement), first});
  return first;
}

const Leg& Mobility::advance(NodeIndex node) {
  Walker& walker = walkers_[node];
  const Group& group = groups_[walker.group];
  const Leg last = walker.leg;
  CHASKI_ASSERT(last.end != kForever);
  const Leg next = group.movement->next(node - group.first, last, walker.random);
  CHASKI_ASSERT(next.begin == last.end && distance_m(next.from, last.to) <= kTolerance_m);
  walker.leg = in_area(next);
  return walker.leg;
}

Leg Mobility::in_area(Leg leg) const {
  CHASKI_ASSERT(leg.end > leg.begin);
  CHASKI_ASSERT(leg.stands() ||
                distance_m(leg.from, leg.to) <= leg.duration_us() * kSpeedMax_m_per_s / 1e6 + 1e-4);
  if (area_.torus) {
    const Point shift = area_.wrap(leg.from) - leg.from;
    return {leg.from + shift, leg.to + shift, leg.begin, leg.end};
  }
  const Rectangle all = area_.rectangle();
  CHASKI_ASSERT(all.contains(leg.from, kTolerance_m) && all.contains(leg.to, kTolerance_m));
  leg.from = all.clamp(leg.from);
  leg.to = all.clamp(leg.to);
  return leg;
}

Point Mobility::position_at(NodeIndex node, base::Time at) const {
  const Leg& leg = walkers_[node].leg;
  CHASKI_ASSERT(at >= leg.begin && at <= leg.end);
  return area_.wrap(leg.at(at));
}

}  // namespace chaski::sim
