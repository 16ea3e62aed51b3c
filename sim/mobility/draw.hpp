// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "sim/mobility/geometry.hpp"

namespace chaski::sim {

/// What the models draw, by +, -, *, / and square roots alone: these give the same bits on every
/// processor, which sine and logarithm do not. Two draws never stand in one expression: compilers
/// differ in which comes first.

/// Uniform in [low, high); `low` when they are equal.
inline double draw_between(base::Random& random, double low, double high) {
  return low + (high - low) * random.unit();
}
Point draw_in(base::Random& random, const Rectangle& rectangle);
/// Uniform in the disc.
Point draw_in_disc(base::Random& random, Point centre, double radius_m);
/// A way of one metre in a uniform direction.
Point draw_direction(base::Random& random);

}  // namespace chaski::sim
