// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// A place on a bus's way.
struct BusStop {
  double x_m = 0;
  double y_m = 0;
  double stop_s = 0;  ///< how long it stops; 0: it drives through, a bend of the road
};

/// Buses that carry messages: from the first stop over the others and back, by a timetable.
///
/// Member k leaves the first stop at first_departure_s + k * headway_s, and then every
/// round_every_s; if it is late or that is 0, as soon as it has stopped there for the stop's time.
/// Nothing about a bus is random.
struct Bus {
  std::vector<BusStop> stops = {};
  double speed_m_per_s = 8;
  double first_departure_s = 0;
  double headway_s = 1'800;
  double round_every_s = 0;
  bool there_and_back = true;  ///< false: from the last stop straight to the first
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const Bus& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const Bus& model);

}  // namespace chaski::sim
