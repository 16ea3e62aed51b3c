// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "sim/contacts/position_limits.hpp"
#include "sim/contacts/position_trace.hpp"
#include "sim/text/parse_error.hpp"

namespace chaski::sim {

/// How an array becomes a trace.
struct PositionNpyOptions {
  base::Duration interval = std::chrono::seconds(1);  ///< between samples, above 0
  PositionLimits limits;
};

/// Reads positions in metres from a NumPy array of shape (sample, node, 2), as numpy.save writes
/// it.
///
/// Format 1.0, 2.0 or 3.0, float32 or float64 little-endian, in C order. Errors say what the header
/// or an element should be: another type, order or shape, more or fewer bytes than the shape says,
/// a coordinate that is no number or beyond the limits, and the limits. Source: NumPy Enhancement
/// Proposal 1 and numpy.lib.format.
base::Expected<PositionTrace, ParseError> parse_position_npy(
    base::ByteView bytes, std::string_view file, const PositionNpyOptions& options = {});

}  // namespace chaski::sim
