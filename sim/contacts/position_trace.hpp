// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// A place on the plane, in metres.
struct Position {
  float x_m = 0;
  float y_m = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

/// Where each node was, in samples that lie `interval` apart; the first is at time 0.
///
/// Every node has a finite place in every sample. Between two samples a node walks straight on at
/// constant speed; after the last one nothing is known.
struct PositionTrace {
  std::uint32_t nodes = 0;
  base::Duration interval = std::chrono::seconds(1);
  std::vector<Position> positions;  ///< by sample, in a sample by node; samples() * nodes
  std::vector<std::string> names;   ///< of the nodes outside; empty: they are their numbers

  std::size_t samples() const { return nodes == 0 ? 0 : positions.size() / nodes; }
  const Position& at(std::size_t sample, NodeIndex node) const {
    return positions[sample * nodes + node];
  }
  /// When the last sample was taken.
  base::Time end() const {
    return base::Time{} + interval * static_cast<std::int64_t>(samples() == 0 ? 0 : samples() - 1);
  }
};

}  // namespace chaski::sim
