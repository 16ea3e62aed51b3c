// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "sim/faults/notebook.hpp"
#include "sim/faults/talking_relay.hpp"

namespace chaski::sim {

/// What a liar did, as it is told in the results.
struct LieCounts {
  std::uint64_t changed = 0;   ///< carry states that were not what they are
  std::uint64_t replayed = 0;  ///< envelopes shown as new that were not
  std::uint64_t refused = 0;   ///< times that somebody refused one
};

/// Carries, and says of everything, drawn once for all: that it is over (1 ms left), nearly over (8
/// s left), or new with all hops before it. Envelopes that go in pieces stay as they are.
RelayManner age_liar(std::uint64_t seed, std::shared_ptr<LieCounts> counts);
/// Carries, and gives everything on with no hops left: nobody it meets may carry it on.
RelayManner hop_liar(std::shared_ptr<LieCounts> counts);
/// Carries, and shows everybody it meets the last kReplaysKept envelopes that it ever saw, as new.
RelayManner replayer(std::shared_ptr<LieCounts> counts);
inline constexpr std::size_t kReplaysKept = 4'096;
/// Carries, and writes an envelope for nobody each `every`: as large as that of a short text, valid
/// in form, with a random tag and commitment, for seven days.
RelayManner flooder(std::uint64_t seed, base::Duration every);
/// Carries, and writes down what it sees and from whom.
RelayManner colluder(NodeIndex self, std::shared_ptr<Notebook> notebook);

}  // namespace chaski::sim
