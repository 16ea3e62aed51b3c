// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// Nodes that never move: fixed relays, people who sleep.
struct Stationary {
  Rectangle area = {};             ///< each stands at a uniform place of it
  std::vector<Point> places = {};  ///< if there are any: the members stand there, in turns
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const Stationary& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const Stationary& model);

}  // namespace chaski::sim
