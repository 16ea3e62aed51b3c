// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "sim/mobility/milling.hpp"
#include "sim/mobility/movement.hpp"
#include "sim/mobility/street_graph.hpp"

namespace chaski::sim {

/// People leave their homes in a town, walk to a square, stay there with small movements, and go
/// home or stay for good.
///
/// They walk straight, or by the shortest way along streets: then a home is at a corner in the
/// town, and the last piece leads from the corner nearest to the square to one's spot.
struct Gathering {
  Rectangle town = {};  ///< homes are uniform in it, or over its corners
  std::shared_ptr<const StreetGraph> streets = {};  ///< none: straight
  double square_x_m = 0;
  double square_y_m = 0;
  double square_radius_m = 50;
  double leave_min_s = 0;  ///< when each leaves home: uniform between the two
  double leave_max_s = 1'800;
  double speed_min_m_per_s = .8;
  double speed_max_m_per_s = 1.6;
  double stay_min_s = 0;
  double stay_max_s = 0;  ///< 0: for good
  Milling milling = {};   ///< in the square, never out of it
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const Gathering& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const Gathering& model);

}  // namespace chaski::sim
