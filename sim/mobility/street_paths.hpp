// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "sim/mobility/street_graph.hpp"

namespace chaski::sim {

/// Shortest ways on a map (Dijkstra), each goal's kept for those who go there later.
///
/// What is kept is bounded: the oldest goal is forgotten first. Of ways that are equally long,
/// which is taken hangs on the map alone.
class StreetPaths {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{64} << 20;

  /// All corners of the map must be reachable.
  explicit StreetPaths(std::shared_ptr<const StreetGraph> map);

  /// The next corner on the way from `from`, which is not `goal`.
  Corner next(Corner from, Corner goal);

 private:
  using Tree = std::vector<Corner>;  ///< by corner: the next towards the goal
  Tree grow(Corner goal) const;

  std::shared_ptr<const StreetGraph> map_;
  std::vector<Tree> trees_;  ///< by goal; empty: not known
  std::vector<Corner> kept_;  ///< goals in the order in which they came, as a ring
  std::size_t kept_max_ = 0;
  std::size_t oldest_ = 0;
};

}  // namespace chaski::sim
