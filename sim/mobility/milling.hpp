// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"
#include "sim/mobility/leg.hpp"

namespace chaski::sim {

/// Small movements of people who stay: a few steps to a place near their spot, a pause, again.
struct Milling {
  double radius_m = 3;  ///< around the spot
  double speed_m_per_s = .5;
  double pause_min_s = 5;
  double pause_max_s = 60;
};

inline Check check_milling(const Milling& milling) {
  return {milling.radius_m >= 0 && milling.radius_m <= kMetresMax &&
              milling.speed_m_per_s >= .001 && milling.speed_m_per_s <= kSpeedMax_m_per_s / 4 &&
              milling.pause_max_s >= 1 &&
              is_range(milling.pause_min_s, milling.pause_max_s, kSecondsMax),
          "milling: radius_m must be at least 0, speed_m_per_s at least 0.001, pause_max_s at "
          "least 1 and not below pause_min_s"};
}

/// The next leg of who mills around `spot`, which is not left by more than the radius.
inline Leg mill(const Milling& milling, Point spot, const Leg& last, base::Random& random) {
  if (!last.stands() || milling.radius_m == 0) {
    return stand(last.to, last.end,
                 draw_between(random, milling.pause_min_s, milling.pause_max_s));
  }
  return walk(last.to, draw_in_disc(random, spot, milling.radius_m), last.end,
              milling.speed_m_per_s);
}

}  // namespace chaski::sim
