// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// Offices, a school, a shelter: rooms on one or both sides of a corridor, people with a place in
/// one of them who stay long, step aside, and visit other rooms and come back.
///
/// They go through doors, which are in the middle of the rooms' walls to the corridor. Walls stop
/// people and not the radio.
struct Rooms {
  double x_m = 0;  ///< the lower left corner
  double y_m = 0;
  std::uint32_t rooms_per_side = 8;
  std::uint32_t sides = 2;  ///< 1 or 2
  double room_width_m = 5;  ///< along the corridor
  double room_depth_m = 6;
  double corridor_width_m = 2;
  double stay_min_s = 60;  ///< at a place, before the next
  double stay_max_s = 3'600;
  double visit_share = .3;  ///< how often the next place is in another room
  double speed_min_m_per_s = .7;
  double speed_max_m_per_s = 1.4;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const Rooms& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const Rooms& model);

}  // namespace chaski::sim
