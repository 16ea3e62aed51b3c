// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "sim/mobility/movement.hpp"
#include "sim/mobility/street_graph.hpp"

namespace chaski::sim {

/// Walk on the streets of a map, by the shortest way, to a uniform corner; pause; again.
///
/// Source: Keränen, Ott and Kärkkäinen, "The ONE simulator for DTN protocol evaluation", SIMUTools
/// 2009: its shortest path map-based movement. Members begin with the rest of a pause at a uniform
/// corner.
struct MapWalk {
  std::shared_ptr<const StreetGraph> streets = {};
  double speed_min_m_per_s = .5;
  double speed_max_m_per_s = 1.5;
  double pause_min_s = 0;
  double pause_max_s = 120;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const MapWalk& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const MapWalk& model);

}  // namespace chaski::sim
