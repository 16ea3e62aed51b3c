// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/mobility/movement.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Faster than anything here; it bounds how far a node is from where a microsecond's rounding
/// puts it.
inline constexpr double kSpeedMax_m_per_s = 2'000;

/// Who walks where: nodes in groups, each group with its model, each node with its current leg.
///
/// Legs are pulled one by one, for whichever node, and each begins where and when the one before
/// ended. A path is a function of the seed, the group's number, the member's number and the
/// model's parameters, of nothing else: a node more in a group changes nobody's path.
class Mobility {
 public:
  Mobility(std::uint64_t seed, Area area);

  /// Whether a group stays in the area.
  bool fits(const Movement& movement) const;
  /// Adds a group that fits, with the next node numbers. Returns the first.
  NodeIndex add(std::unique_ptr<Movement> movement, std::uint32_t members);

  std::uint32_t nodes() const { return static_cast<std::uint32_t>(walkers_.size()); }
  const Area& area() const { return area_; }
  /// The current leg. On a torus it begins in the area and may lead beyond.
  const Leg& leg(NodeIndex node) const { return walkers_[node].leg; }
  /// Takes the node's next leg.
  const Leg& advance(NodeIndex node);
  /// In the area; `at` lies in the current leg.
  Point position_at(NodeIndex node, base::Time at) const;

 private:
  struct Group {
    std::unique_ptr<Movement> movement;
    NodeIndex first = 0;
  };
  struct Walker {
    base::SeededRandom random;
    Leg leg;
    std::uint32_t group = 0;
  };
  Leg in_area(Leg leg) const;

  std::uint64_t seed_;
  Area area_;
  std::vector<Group> groups_;
  std::vector<Walker> walkers_;
};

}  // namespace chaski::sim
