// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// A crowd that marches along a route as a column, people drifting inside it.
///
/// The column stands on the first part of the route until `start_s`, moves until its head is at the
/// route's end, and stands there. All the time each person goes to a place near their own in the
/// column, at their own pace, and then to another. At a bend the column wheels: who is on the
/// inner side goes a shorter way.
struct March {
  std::vector<Point> route = {};
  double column_length_m = 200;
  double column_width_m = 12;
  double speed_m_per_s = .9;
  double start_s = 0;
  double drift_m = 10;  ///< to the front, back and sides
  double drift_every_min_s = 20;
  double drift_every_max_s = 90;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const March& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const March& model);

}  // namespace chaski::sim
