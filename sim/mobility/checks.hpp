// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string_view>

#include "sim/mobility/geometry.hpp"
#include "sim/mobility/mobility.hpp"

namespace chaski::sim {

/// A condition on a parameter, and what to say when it does not hold.
struct Check {
  bool holds = false;
  std::string_view otherwise;
};

/// What the first check says that does not hold; empty when all hold. A comparison with what is
/// no number does not hold, so NaN finds no way in.
inline std::string_view first_problem(std::initializer_list<Check> checks) {
  for (const Check& check : checks) {
    if (!check.holds) return check.otherwise;
  }
  return {};
}

/// A hundred years and the width of a continent: what is beyond is a slip of the pen.
inline constexpr double kSecondsMax = 3.2e9;
inline constexpr double kMetresMax = 1e7;

inline bool is_place(double x_m) { return x_m >= 0 && x_m <= kMetresMax; }
inline bool is_length(double length_m) { return length_m > 0 && length_m <= kMetresMax; }
inline bool is_range(double low, double high, double max) {
  return low >= 0 && low <= high && high <= max;
}
inline Check check_area(const Rectangle& area) {
  return {is_place(area.x_m) && is_place(area.y_m) && is_length(area.width_m) &&
              is_length(area.height_m),
          "area: width_m and height_m must be above 0, x_m and y_m not below 0"};
}
inline Check check_speeds(double min_m_per_s, double max_m_per_s) {
  return {min_m_per_s >= .001 && is_range(min_m_per_s, max_m_per_s, kSpeedMax_m_per_s / 4),
          "speed_min_m_per_s must be at least 0.001, speed_max_m_per_s not below it and at most "
          "500"};
}
inline Check check_pauses(double min_s, double max_s) {
  return {is_range(min_s, max_s, kSecondsMax),
          "pause_min_s must be at least 0 and pause_max_s not below it"};
}

}  // namespace chaski::sim
