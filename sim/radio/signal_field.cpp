// SPDX-License-Identifier: Apache-2.0
#include "sim/radio/signal_field.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/assert.hpp"

namespace chaski::sim {
namespace {

constexpr double kAround_m2 = 3.14159265358979 * SignalField::kAround_m * SignalField::kAround_m;

}  // namespace

SignalField::SignalField(std::unique_ptr<Mobility> mobility, const PathLoss& model,
                         std::uint64_t seed)
    : mobility_(std::move(mobility)),
      model_(model),
      seed_(seed),
      grid_(mobility_->area()),
      places_(mobility_->nodes()),
      around_(mobility_->nodes()) {
  CHASKI_ASSERT(model.sample > base::Duration{} && model.shadowing > base::Duration{});
}

Point SignalField::place(NodeIndex node, base::Time at) {
  while (mobility_->leg(node).end < at) mobility_->advance(node);
  return mobility_->position_at(node, at);
}

void SignalField::look(base::Time at) {
  const std::int64_t sample = at.time_since_epoch() / model_.sample;
  if (sample == sample_) return;
  CHASKI_ASSERT(sample > sample_);
  sample_ = sample;
  const base::Time then = base::Time{} + sample * model_.sample;
  for (NodeIndex node = 0; node < nodes(); ++node) places_[node] = place(node, then);
  std::fill(around_.begin(), around_.end(), 0);
  if (model_.body_db == 0) return;
  grid_.fill(places_, kAround_m);
  grid_.visit_pairs(places_, [this](NodeIndex a, NodeIndex b, double distance2_m2) {
    if (distance2_m2 > kAround_m * kAround_m) return;
    ++around_[a];
    ++around_[b];
  });
}

double SignalField::crowd_around(NodeIndex node) const {
  return around_[node] / kAround_m2;
}

double SignalField::signal(NodeIndex a, NodeIndex b, double distance_m, base::Time at) const {
  const double crowd = (around_[a] + around_[b]) / (2 * kAround_m2);
  return mean_signal_dbm(model_, distance_m, crowd) + shadowing_db(model_, seed_, a, b, at);
}

double SignalField::signal_dbm(NodeIndex a, NodeIndex b, base::Time at) {
  look(at);
  const Point from = place(a, at);
  return signal(a, b, length_m(mobility_->area().way(from, place(b, at))), at);
}

const SignalField::Reach& SignalField::reach(std::uint32_t around) {
  if (around >= reach_.size()) reach_.resize(around + 1);
  Reach& known = reach_[around];
  if (known.at_best_m2 < 0) {
    const double crowd = around / (2 * kAround_m2);
    const double shadow_db = kShadowingCut * model_.shadowing_db;
    // Rounding is left to the signal of those who are tried.
    const double surely_m = reach_m(model_, crowd, -shadow_db) * (1 - 1e-9);
    const double at_best_m = reach_m(model_, crowd, shadow_db) * (1 + 1e-9);
    known = {surely_m * surely_m, at_best_m * at_best_m};
  }
  return known;
}

const std::vector<std::uint64_t>& SignalField::who_hear_each_other(base::Time at) {
  CHASKI_ASSERT(at.time_since_epoch() % model_.sample == base::Duration{});
  look(at);
  pairs_.clear();
  const auto fewest = std::min_element(around_.begin(), around_.end());
  if (fewest == around_.end()) return pairs_;
  grid_.fill(places_, std::sqrt(reach(2 * *fewest).at_best_m2));
  grid_.visit_pairs(places_, [&](NodeIndex a, NodeIndex b, double distance2_m2) {
    const Reach& far = reach(around_[a] + around_[b]);
    if (distance2_m2 > far.at_best_m2) return;
    if (distance2_m2 > far.surely_m2 &&
        signal(a, b, std::sqrt(distance2_m2), at) < model_.sensitivity_dbm) {
      return;
    }
    pairs_.push_back(std::uint64_t{std::min(a, b)} << 32 | std::max(a, b));
  });
  std::sort(pairs_.begin(), pairs_.end());
  return pairs_;
}

}  // namespace chaski::sim
