// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// Random waypoint: walk straight to a uniform place at a uniform speed, pause, again.
///
/// Source: Johnson and Maltz, "Dynamic source routing in ad hoc wireless networks", 1996. Started
/// at uniform places, nodes grow slower and draw to the middle for a long time; `stationary_start`
/// draws the first state from the distribution that does not change any more, as in Navidi and
/// Camp, "Stationary distributions for the random waypoint mobility model", IEEE TMC 3(1), 2004.
struct RandomWaypoint {
  Rectangle area = {};
  double speed_min_m_per_s = .5;
  double speed_max_m_per_s = 1.5;
  double pause_min_s = 0;
  double pause_max_s = 120;
  bool stationary_start = true;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const RandomWaypoint& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const RandomWaypoint& model);

}  // namespace chaski::sim
