// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "sim/contacts/position_trace.hpp"
#include "sim/mobility/movement.hpp"

namespace chaski::sim {

/// Member k goes where node k of a trace went; after the last sample it stands.
///
/// Between samples it walks straight on at constant speed. There are at most as many members as
/// the trace has nodes.
struct TracePlayback {
  std::shared_ptr<const PositionTrace> trace = {};
  double shift_x_m = 0;  ///< added to every x, so that none is below 0
  double shift_y_m = 0;
};

/// The smallest rectangle in which all of a trace lies; its corner may be below 0.
Rectangle extent(const PositionTrace& trace);
/// A playback whose lowest x and y are `margin_m`.
TracePlayback at_origin(std::shared_ptr<const PositionTrace> trace, double margin_m = 0);

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const TracePlayback& model);
/// The parameters must be without problem.
std::unique_ptr<Movement> make_movement(const TracePlayback& model);

}  // namespace chaski::sim
