// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "sim/faults/cast.hpp"
#include "sim/faults/fault_report.hpp"
#include "sim/faults/manners.hpp"
#include "sim/world/liars.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// Puts everybody of a Cast into a world: people with production nodes, and the others as what they
/// are; tells afterwards what they did.
class Players {
 public:
  /// All must outlive this. `who_is`: of the colluders' notebook.
  Players(World& world, const PeopleFaults& faults, const Cast& cast, std::uint64_t seed,
          std::uint64_t store_bytes_max, Notebook::WhoIs who_is);
  /// Puts those who are no honest people into their places, in which nodes are.
  void enter();
  /// `messages`: those that were written, for the attack of colluders.
  void tell(FaultReport& report, const std::vector<WrittenMessage>& messages) const;

 private:
  void enter(NodeIndex node);
  void add_relay(NodeIndex node, std::uint64_t seed, RelayManner manner,
                 std::vector<const TalkingRelay*>& to);
  static void count_written(const std::vector<const TalkingRelay*>& flooders, FaultKind& kind);
  void count(Part part, FaultKind& kind) const;

  World& world_;
  const PeopleFaults& faults_;
  const Cast& cast_;
  base::SeededRandom random_;
  std::uint64_t store_bytes_max_;
  std::vector<const BlackHole*> black_holes_;
  std::vector<const JunkSpeaker*> junk_speakers_;
  std::vector<const TalkingRelay*> flooders_;
  std::vector<const TalkingRelay*> others_;
  std::shared_ptr<LieCounts> ages_ = std::make_shared<LieCounts>();
  std::shared_ptr<LieCounts> hops_ = std::make_shared<LieCounts>();
  std::shared_ptr<LieCounts> replays_ = std::make_shared<LieCounts>();
  std::shared_ptr<Notebook> notebook_;
};

}  // namespace chaski::sim
