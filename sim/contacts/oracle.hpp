// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/contacts/contact.hpp"
#include "sim/results/run_result.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// What the oracle is asked beside arrival times.
struct OracleOptions {
  /// Outcome::hops too, for 2 bytes a node and message; without it delivered messages have 0.
  bool hops = true;
};

/// What the best possible protocol would do: every message takes its earliest path.
///
/// Links have infinite bandwidth and no delay, nodes infinite room: at each moment all who are
/// connected with each other, over whatever number of links, have the same messages. A contact
/// carries from its begin until just before its end; at one time contacts change first, then
/// messages are written, then they spread. A message is gone at `at + lifetime`. What happens at
/// end() counts, messages after it are never written. Recipients go on carrying.
///
/// `hops` counts the links of an earliest path: the one on which each node has it from who gave it
/// first. There may be an earliest path with fewer. `carriers` counts until the lifetime or the
/// world ends. Of the totals only messages_written is set;
/// event_hash is over the deliveries in the order of the plan. All messages go through the contacts
/// at once, 64 in a word, so the source is read one time; memory is a bit a node and message, hops
/// left out.
RunResult run_oracle(ContactSource& contacts, const MessagePlan& plan,
                     const OracleOptions& options = {});

/// A link that a message crosses, and when.
struct PathHop {
  NodeIndex from = 0;
  NodeIndex to = 0;
  base::Time at{};
  friend bool operator==(const PathHop&, const PathHop&) = default;
};

/// An earliest path of one message by the rules of run_oracle(), from its author to its recipient;
/// empty when there is none.
///
/// Each begins where the one before ended, at its time or later. There may be others as early; this
/// one is that on which each node has it from who gave it first.
std::vector<PathHop> earliest_path(ContactSource& contacts, const PlannedMessage& message);

}  // namespace chaski::sim
