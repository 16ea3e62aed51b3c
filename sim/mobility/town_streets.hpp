// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/random.hpp"
#include "sim/mobility/street_graph.hpp"

namespace chaski::sim {

/// A town that nobody built: blocks in rows, corners moved a little, some streets closed.
struct TownStreets {
  Rectangle area = {};
  double block_m = 100;       ///< about the distance of two corners
  double jitter_share = .3;   ///< how far corners are moved, in blocks: 0 is a raster, at most .45
  double closed_share = .15;  ///< of the streets that the town does not need to hang together
};

/// What is wrong with the parameters, as a sentence about one of them; empty when nothing is.
std::string_view problem_with(const TownStreets& town);
/// A map on which every corner can be reached. The parameters must be without problem.
StreetGraph make_streets(const TownStreets& town, base::Random& random);

}  // namespace chaski::sim
