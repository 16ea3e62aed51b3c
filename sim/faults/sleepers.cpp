// SPDX-License-Identifier: Apache-2.0
#include "sim/faults/sleepers.hpp"

#include "base/assert.hpp"

namespace chaski::sim {
namespace {

constexpr base::Duration kDay = std::chrono::hours(24);

/// From one time of a day to the next of another; a whole day when they are the same.
base::Duration until_clock(base::Duration from, base::Duration to) {
  const base::Duration span = (to - from) % kDay;
  return span <= base::Duration{} ? span + kDay : span;
}

double seconds_of(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Sleepers::Sleepers(World& world, const SleepingRadios& rules, const std::vector<bool>& sleeps,
                   base::Random& random, SetRadio set_radio)
    : world_(world),
      rules_(rules),
      sleeps_(sleeps),
      random_(random),
      set_radio_(std::move(set_radio)),
      asleep_since_(sleeps.size()) {}

void Sleepers::begin() {
  for (NodeIndex node = 0; node < sleeps_.size(); ++node) {
    if (!sleeps_[node]) continue;
    if (rules_.by_night()) {
      begin_night(node);
    } else if (rules_.cycle.off > base::Duration{}) {
      begin_cycle(node);
    }
  }
}

void Sleepers::begin_cycle(NodeIndex node) {
  const base::Duration round = rules_.cycle.on + rules_.cycle.off;
  const base::Duration phase(
      static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(round.count()))));
  const bool on = phase < rules_.cycle.on;
  if (!on) turn(node, false);
  plan(node, (on ? rules_.cycle.on : round) - phase, !on);
}

void Sleepers::begin_night(NodeIndex node) {
  const base::Duration clock = (world_.now() - base::Time{}) % kDay;
  const base::Duration to_bed = until_clock(clock, rules_.night_from);
  const base::Duration up = until_clock(clock, rules_.night_until);
  const bool on = to_bed < up;
  if (!on) turn(node, false);
  plan(node, on ? to_bed : up, !on);
}

base::Duration Sleepers::lasts(bool on) const {
  if (!rules_.by_night()) return on ? rules_.cycle.on : rules_.cycle.off;
  return on ? until_clock(rules_.night_until, rules_.night_from)
            : until_clock(rules_.night_from, rules_.night_until);
}

void Sleepers::plan(NodeIndex node, base::Duration after, bool on) {
  world_.at(world_.now() + after, [this, node, on] {
    turn(node, on);
    plan(node, lasts(on), !on);
  });
}

void Sleepers::turn(NodeIndex node, bool on) {
  auto& since = asleep_since_[node];
  CHASKI_ASSERT(since.has_value() == on);
  if (on) {
    slept_s_ += seconds_of(world_.now() - *since);
    since.reset();
  } else {
    ++naps_;
    since = world_.now();
  }
  set_radio_(node, on);
}

double Sleepers::asleep_s(base::Time now) const {
  double sum = slept_s_;
  for (const auto& since : asleep_since_) {
    if (since) sum += seconds_of(now - *since);
  }
  return sum;
}

}  // namespace chaski::sim
