// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mesh-router/explanation.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

/// Everything that is known about one message.
struct MessageSituation {
  node::MessageRecord message;
  std::vector<node::LifeEvent> life;
  std::optional<std::uint64_t> age_ms;  ///< of its envelope while it is held here
  std::size_t neighbours = 0;           ///< at hand now
  /// Our answer to the contact's invitation waits for its stamp for about so long.
  std::optional<std::uint64_t> work_left_s{};
};

/// The story of one message in plain words: where it is, and what it waits for.
std::string explain(const MessageSituation& situation);

/// Why it did not go to one neighbour yet, or that it did: the end of a sentence that begins with
/// the neighbour's name.
std::string explain_neighbour(const MessageSituation& situation,
                              const mesh_router::NeighbourExplanation& neighbour, base::Time now);

/// "3 days", "2 hours", "5 minutes", "40 seconds": the largest unit that fits, rounded down.
std::string in_words(std::uint64_t seconds);

}  // namespace chaski::daemon
