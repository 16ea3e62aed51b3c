// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/expected.hpp"
#include "sim/mobility/street_graph.hpp"
#include "sim/text/parse_error.hpp"

namespace chaski::sim {

/// Reads a map in The ONE's form: well-known text (OGC 06-103r4), of which LINESTRING and
/// MULTILINESTRING, one after the other.
///
/// Coordinates are metres, at most 1e8 from 0. Points with the same coordinates are one corner, as
/// The ONE has it; streets that cross elsewhere do not meet. The map is moved so that its lowest
/// x and y are 0, but not mirrored, which The ONE does and which changes no distance. An error is
/// what The ONE would stop at later: a map in several pieces.
base::Expected<StreetGraph, ParseError> parse_wkt_streets(std::string_view text,
                                                          std::string_view file);

}  // namespace chaski::sim
