// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// When messages are written, and how large they are.
///
/// One event follows another after a time that is uniform in [interval_min, interval_max]; the
/// first comes so long after `from`, the last not after `until`. Sizes are uniform, ends included.
struct Rhythm {
  base::Time from{};
  base::Time until{};
  base::Duration interval_min = std::chrono::seconds(25);  ///< above 0
  base::Duration interval_max = std::chrono::seconds(35);
  std::uint32_t size_min_bytes = 500'000;
  std::uint32_t size_max_bytes = 1'000'000;
  base::Duration lifetime = base::Duration::max();
};

/// Whom each person writes to, by node. That b is a contact of a does not make a one of b.
using SocialGraph = std::vector<std::vector<NodeIndex>>;

/// Where somebody lives, in metres.
struct Home {
  double x = 0;
  double y = 0;
};

/// `contacts` others for each of `nodes`, any with equal chance; ascending. Below `nodes`.
SocialGraph random_contacts(base::Random& random, std::uint32_t nodes, std::uint32_t contacts);
/// `number` of `nodes`, any with equal chance; ascending. At most `nodes`.
std::vector<NodeIndex> some_of(base::Random& random, std::uint32_t nodes, std::uint32_t number);
/// For each its `contacts` nearest others, ties by number; ascending. Below the number of homes.
SocialGraph nearest_contacts(const std::vector<Home>& homes, std::uint32_t contacts);

/// Anyone to anyone else; `nodes` at least 2.
MessagePlan one_to_one(base::Random& random, const Rhythm& rhythm, std::uint32_t nodes);
/// Anyone who has contacts to one of them; nothing when nobody has any.
MessagePlan among_contacts(base::Random& random, const Rhythm& rhythm, const SocialGraph& graph);
/// Anyone who has contacts to all of them: the author and those he has are a group, and each event
/// is one message of the same size for each other member. Events are numbered as groups from 0 on.
MessagePlan to_groups(base::Random& random, const Rhythm& rhythm, const SocialGraph& graph);
/// Anyone, or any of `authors` when there are some, to everybody else, a message for each; events
/// are numbered as groups from 0 on.
MessagePlan broadcasts(base::Random& random, const Rhythm& rhythm, std::uint32_t nodes,
                       const std::vector<NodeIndex>& authors = {});

}  // namespace chaski::sim
