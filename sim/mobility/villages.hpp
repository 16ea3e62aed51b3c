// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// Where people live.
struct Village {
  double x_m = 0;
  double y_m = 0;
  double radius_m = 150;  ///< homes are uniform in the disc
  double weight = 1;      ///< its share of the people, relative to the other villages'
};

/// Villagers: each wanders near a home of their own and never goes to another village.
struct Villagers {
  std::vector<Village> villages = {};
  double wander_m = 100;  ///< how far from home
  double speed_min_m_per_s = .5;
  double speed_max_m_per_s = 1.5;
  double pause_min_s = 30;
  double pause_max_s = 1'200;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const Villagers& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const Villagers& model);

}  // namespace chaski::sim
