// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "base/time.hpp"

namespace chaski::mesh_router {

/// How often this node meets somebody: the mean time from one meeting to the next.
///
/// The first seven gaps, and a prior of ten minutes, count alike; after that each new one is an
/// eighth of the mean, so that it follows the day. A gap that runs counts once it is longer than
/// the mean: whoever leaves a crowd soon knows. Never under half a minute: a link that comes and
/// goes is one meeting, and an author's envelope is up to a minute old when it is written.
class MeetingPace {
 public:
  static constexpr base::Duration kPrior = std::chrono::minutes(10);
  static constexpr base::Duration kMin = std::chrono::seconds(30);
  static constexpr int kWeightMax = 8;

  void met(base::Time now) {
    if (weight_ > 0) mean_ = with(now - last_);
    weight_ = std::min(weight_ + 1, kWeightMax - 1);
    last_ = now;
  }
  base::Duration mean_gap(base::Time now) const {
    return std::max(kMin, weight_ > 0 && now - last_ > mean_ ? with(now - last_) : mean_);
  }

 private:
  base::Duration with(base::Duration gap) const { return mean_ + (gap - mean_) / (weight_ + 1); }

  base::Duration mean_ = kPrior;
  int weight_ = 0;
  base::Time last_{};
};

}  // namespace chaski::mesh_router
