// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace chaski::sim {

/// What a file of positions may have; 8 bytes a position.
struct PositionLimits {
  std::uint32_t nodes_max = 1'000'000;
  std::uint64_t positions_max = 500'000'000;  ///< of all nodes in all samples
};

/// How far from the origin a node may be: the earth has no two places further apart.
inline constexpr double kCoordinateMax_m = 20'100'000;

}  // namespace chaski::sim
