// SPDX-License-Identifier: Apache-2.0
#include "sim/ideal/predictabilities.hpp"

#include <algorithm>
#include <cmath>

namespace chaski::sim {

/// What all values have aged by since the last meeting.
double Predictabilities::aging(base::Time now) const {
  const double units = static_cast<double>((now - aged_).count()) * 1'000 /
                       static_cast<double>(typical_.count());
  return std::pow(kGamma, units);
}

void Predictabilities::age(base::Time now) {
  const double factor = aging(now);
  for (Value& value : values_) value.p *= factor;
  aged_ = now;
}

void Predictabilities::raise(Value& value, base::Time now) const {
  const double share =
      static_cast<double>((now - value.met).count()) / static_cast<double>(typical_.count());
  const double encounter = kEncounterMax * std::min(1.0, share);
  value.p = value.p < kFirstThreshold ? kEncounterFirst
                                      : value.p + (1 - kDelta - value.p) * encounter;
  value.met = now;
}

void Predictabilities::met(NodeIndex other, const Predictabilities& others, NodeIndex self,
                           base::Time now) {
  values_.resize(std::max<std::size_t>({values_.size(), others.values_.size(), other + 1u}));
  age(now);
  raise(values_[other], now);
  for (NodeIndex node = 0; node < others.values_.size(); ++node) {
    if (node == self || node == other) continue;
    values_[node].p = std::max(values_[node].p, values_[other].p * others.of(node) * kBeta);
  }
}

bool Predictabilities::likelier_than(const Predictabilities& other, NodeIndex node) const {
  const base::Time both = std::max(aged_, other.aged_);
  return of(node, both) > other.of(node, both);
}

}  // namespace chaski::sim
