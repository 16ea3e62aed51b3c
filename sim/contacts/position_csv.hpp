// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/expected.hpp"
#include "sim/contacts/position_limits.hpp"
#include "sim/contacts/position_trace.hpp"
#include "sim/text/parse_error.hpp"

namespace chaski::sim {

/// How a file of positions becomes a trace.
struct PositionCsvOptions {
  /// Samples must lie so far apart, above 0; without, as far as the first two of the file (1 s if
  /// there is but one). A hundredth of it is forgiven each time, for rounded times.
  std::optional<base::Duration> interval;
  PositionLimits limits;
};

/// Reads positions from comma-separated values; the first line is `time_s,node,x_m,y_m`.
///
/// A line is one node in one sample. Lines come in the order of time, those of one sample together,
/// and every sample has the same nodes, in any order. Nodes are numbers below 2^32 and become 0, 1,
/// 2 ... in their order. Time 0 of the trace is the first sample's. Errors are a wrong word or
/// number of columns, a coordinate beyond the limits, a time that is not one interval after the one
/// before, a node that is new, twice in a sample or missing from it, and the limits.
base::Expected<PositionTrace, ParseError> parse_position_csv(
    std::string_view text, std::string_view file, const PositionCsvOptions& options = {});

/// A trace as parse_position_csv() reads it again. Its names, if it has any, must be numbers.
std::string position_csv_text(const PositionTrace& trace);

}  // namespace chaski::sim
