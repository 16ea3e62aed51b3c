// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// A town, or a crowd, in two halves with a strip between them that only a few cross.
///
/// People move by random waypoint in their half. The first `passers` members go through the gate
/// from time to time: to it, straight across the strip, and on in the other half. With a strip
/// wider than the range, nothing else connects the halves.
struct Blockade {
  Rectangle area = {};
  double strip_m = 500;  ///< where the strip begins, from the left edge
  double strip_width_m = 60;
  double gate_m = 500;  ///< the gate's height above the lower edge
  double left_share = .5;     ///< of the people, who begin on the left
  std::uint32_t passers = 10;
  double pass_every_min_s = 1'800;  ///< from one passage of a passer until they go again
  double pass_every_max_s = 7'200;
  double open_from_s = 0;  ///< who is at the gate earlier or later goes back
  double open_until_s = 3.2e9;
  double speed_min_m_per_s = .5;
  double speed_max_m_per_s = 1.5;
  double pause_min_s = 0;
  double pause_max_s = 120;
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const Blockade& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const Blockade& model);

}  // namespace chaski::sim
