// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace chaski::sim {

/// A large world that is torn apart and heals; see run_scale_world().
struct ScaleWorldConfig {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 1'000;
  std::uint32_t islands = 20;  ///< groups of neighbours without a link to the others
  std::uint32_t messages = 10'000;
  double loss = 0.02;                                 ///< of frames, on every link
  double far_share = 0.5;                             ///< contacts that live on another island
  base::Duration talking = std::chrono::minutes(10);  ///< the messages are spread over this
  base::Duration heal_at_most = std::chrono::minutes(60);
};

struct ScaleWorldResult {
  std::uint64_t delivered = 0;       ///< messages in an inbox
  std::uint64_t twice = 0;           ///< of these a second time: must be 0
  std::uint64_t acknowledged = 0;    ///< messages whose sender knows
  std::uint64_t before_healing = 0;  ///< delivered while torn apart
  std::uint64_t transfers = 0;       ///< envelopes taken by a router from a neighbour
  std::uint64_t records = 0;         ///< envelopes received, duplicates too
  std::uint64_t crashes = 0;
  std::uint64_t link_changes = 0;
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t frame_bytes = 0;
  std::uint64_t event_hash = 0;
  base::Duration virtual_time{};
};

/// What happens, all from the seed:
///
/// Nodes live on islands; on each a ring and random chords connect them, about two and a half links
/// a node, every link with delay and loss. Over `talking`, messages are sent between contacts; of
/// these far_share are on another island. Meanwhile the world churns: chords break and others
/// appear, nodes crash and restart from their store, or are off for a minute. Then it heals:
/// bridges appear between the islands, all nodes are on, nothing churns, and the world runs until
/// every message is in the inbox of its recipient (or heal_at_most is over). Receipts travel all
/// the while: what is delivered on an island is forgotten there and does not load the bridges.
ScaleWorldResult run_scale_world(const ScaleWorldConfig& config);

}  // namespace chaski::sim
