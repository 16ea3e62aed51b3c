// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// Random direction on a torus: walk straight on for a uniform time in a uniform direction, pause,
/// again, without an edge.
///
/// Places and directions are uniform at any time, from the first on, so theory is exact here.
/// Source: Nain, Towsley, Liu and Liu, "Properties of random direction models", INFOCOM 2005. The
/// world must be a torus of the same size.
struct RandomDirection {
  double width_m = 0;
  double height_m = 0;
  double speed_min_m_per_s = .5;
  double speed_max_m_per_s = 1.5;
  double travel_min_s = 60;
  double travel_max_s = 600;
  double pause_min_s = 0;
  double pause_max_s = 0;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const RandomDirection& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const RandomDirection& model);

}  // namespace chaski::sim
