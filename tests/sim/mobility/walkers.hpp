// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/random.hpp"
#include "sim/contacts/position_trace.hpp"
#include "sim/mobility/mobility.hpp"

namespace chaski::sim {

inline constexpr Area kTown{1'000, 800, false};

/// A march's route in the town: three streets with two bends, 1,249.2 m long.
inline const std::vector<Point> kRoute{{100, 100}, {600, 120}, {610, 500}, {300, 700}};

/// Seven who jump about around the origin, or stand, 200 samples.
inline std::shared_ptr<PositionTrace> drawn_trace(std::uint64_t seed) {
  base::SeededRandom random(seed);
  auto trace = std::make_shared<PositionTrace>();
  trace->nodes = 7;
  for (int i = 0; i < 7 * 200; ++i) {
    if (i >= 7 && random.below(3) == 0) {
      trace->positions.push_back(trace->positions[trace->positions.size() - 7]);
      continue;
    }
    const float x = static_cast<float>(random.below(60)) - 30;
    trace->positions.push_back({x, static_cast<float>(random.below(60)) - 30});
  }
  return trace;
}

/// All legs of a node until `end`.
inline std::vector<Leg> legs(Mobility& mobility, NodeIndex node, base::Time end) {
  std::vector<Leg> out{mobility.leg(node)};
  while (out.back().end < end) out.push_back(mobility.advance(node));
  return out;
}

}  // namespace chaski::sim
