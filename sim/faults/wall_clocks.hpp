// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "base/random.hpp"
#include "sim/faults/people_faults.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Sets wall clocks wrong as WrongClocks says, and takes outages from the time of their nodes as
/// chaskid does, which has a clock that runs without power only in the wall clock.
///
/// What chaskid makes of an absence (daemon/node_clock.hpp): the difference of the wall clock,
/// within 0 to 30 days; nothing when the clock was never set, before or after.
class WallClocks {
 public:
  /// `wrong`: whose, by node. All must outlive this; nothing happens before begin().
  WallClocks(World& world, const WrongClocks& rules, const std::vector<bool>& wrong,
             base::Random& random);
  void begin();
  /// To be told around each outage, while the node is off.
  void outage_begins(NodeIndex node);
  void outage_ends(NodeIndex node);

  std::uint64_t jumps() const { return jumps_; }
  /// Nodes that came back from an outage with a clock of 1970.
  std::uint64_t forgotten() const { return forgotten_; }

 private:
  /// Uniform, to either side.
  double within(double bound);
  void plan_jump();

  World& world_;
  const WrongClocks& rules_;
  const std::vector<bool>& wrong_;
  base::Random& random_;
  std::vector<NodeIndex> nodes_;  ///< whose are wrong
  struct Absence {
    base::Time since{};
    std::int64_t wall_s = 0;
  };
  std::map<NodeIndex, Absence> away_;
  std::uint64_t jumps_ = 0;
  std::uint64_t forgotten_ = 0;
};

}  // namespace chaski::sim
