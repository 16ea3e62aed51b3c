// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "sim/mobility/geometry.hpp"

namespace chaski::sim {

/// Where one node is at some time, seen from another, and how fast that changes: metres, metres per
/// microsecond.
struct Approach {
  std::int64_t at_us = 0;
  Point way;
  Point velocity;

  /// Microseconds from that time until the two are `range_m` from each other or nearer; nothing
  /// when they, going on like this, never are. 0 when they are then.
  std::optional<double> enters(double range_m) const {
    const double outside = dot(way, way) - range_m * range_m;
    if (outside <= 0) return 0;
    const double closing = -dot(way, velocity);
    if (closing <= 0) return std::nullopt;
    const double discriminant = closing * closing - dot(velocity, velocity) * outside;
    if (discriminant < 0) return std::nullopt;
    // The smaller root, written so that nothing cancels.
    return outside / (closing + std::sqrt(discriminant));
  }

  /// Microseconds from that time until two who are in range or will be leave it: infinity when they
  /// never do, 0 or less when they left before, or never are in range.
  double leaves(double range_m) const {
    const double outside = dot(way, way) - range_m * range_m;
    const double speed_squared = dot(velocity, velocity);
    if (speed_squared == 0) {
      return outside > 0 ? 0 : std::numeric_limits<double>::infinity();
    }
    const double closing = -dot(way, velocity);
    const double discriminant = closing * closing - speed_squared * outside;
    if (discriminant < 0) return 0;
    const double root = std::sqrt(discriminant);
    // Of two equal forms the one in which nothing cancels.
    return closing >= 0 ? (closing + root) / speed_squared : -outside / (root - closing);
  }

 private:
  static double dot(Point a, Point b) { return a.x * b.x + a.y * b.y; }
};

}  // namespace chaski::sim
