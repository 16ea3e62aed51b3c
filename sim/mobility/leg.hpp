// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

#include "base/time.hpp"
#include "sim/mobility/geometry.hpp"

namespace chaski::sim {

/// When a leg ends that is never left.
inline constexpr base::Time kForever = base::Time::max();

/// A straight way at constant speed, at time 0 or later; who stands has one of no length.
struct Leg {
  Point from;
  Point to;
  base::Time begin{};
  base::Time end{};  ///< after `begin`
  friend bool operator==(const Leg&, const Leg&) = default;

  bool stands() const { return from == to; }
  double duration_us() const { return static_cast<double>((end - begin).count()); }
  /// Metres per microsecond, along each axis.
  Point velocity() const { return stands() ? Point{} : (to - from) * (1 / duration_us()); }
  Point at(base::Time time) const {
    return stands() ? from : from + (to - from) * (static_cast<double>((time - begin).count()) /
                                                    duration_us());
  }
};

/// Longer is for ever: 30,000 years, of which nine fit into a Time.
inline constexpr double kLegSecondsMax = 1e12;

/// Rounded to a microsecond, and never none: a leg takes time.
inline base::Duration leg_time(double seconds) {
  return base::Duration{std::max(1LL, std::llround(std::min(seconds, kLegSecondsMax) * 1e6))};
}
inline base::Time at_seconds(double seconds) {
  return base::Time{base::Duration{std::llround(std::min(seconds, kLegSecondsMax) * 1e6)}};
}
inline double to_seconds(base::Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

inline Leg walk(Point from, Point to, base::Time begin, double speed_m_per_s) {
  return {from, to, begin, begin + leg_time(distance_m(from, to) / speed_m_per_s)};
}
inline Leg stand(Point where, base::Time begin, double seconds) {
  return {where, where, begin, begin + leg_time(seconds)};
}
inline Leg stand_for_ever(Point where, base::Time begin) {
  return {where, where, begin, kForever};
}

}  // namespace chaski::sim
