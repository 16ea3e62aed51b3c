// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "sim/results/recording.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// What became of one planned message.
struct Outcome {
  std::optional<base::Time> delivered;  ///< the first time
  std::uint32_t hops = 0;               ///< links it crossed on the way; 0: not delivered
  std::uint32_t carriers = 1;           ///< nodes that ever carried it, its author too
  std::uint32_t carriers_then = 0;      ///< when it was delivered, the recipient left out
};

/// Work done for all messages of a run; a copy is a message as one node holds it.
struct Totals {
  std::uint64_t messages_written = 0;   ///< of the plan, those whose time came
  std::uint64_t transfers_begun = 0;
  std::uint64_t transfers_ended = 0;    ///< complete
  std::uint64_t transfers_aborted = 0;  ///< the contact ended first
  std::uint64_t duplicates = 0;         ///< complete, and the receiver had it by then
  std::uint64_t copies_dropped = 0;     ///< for want of room
  std::uint64_t copies_expired = 0;
  std::uint64_t copies_removed = 0;     ///< once the recipient was known to have it
  std::uint64_t message_bytes = 0;      ///< of complete transfers
  std::uint64_t air_bytes = 0;          ///< with all that goes with them; the same in ideal mode
};

/// One run of one strategy over one world; outcomes in the order of the plan.
struct RunResult {
  std::vector<Outcome> outcomes;
  Totals totals;
  base::Time end{};
  std::uint64_t contacts = 0;    ///< that began
  std::uint64_t event_hash = 0;  ///< of every delivery: message, place and time
  /// How long its node held each copy that was dropped, expired or removed, in that order of time;
  /// empty where nobody counts it.
  std::vector<base::Duration> held_for;
  /// Messages whose time came and that nobody wrote, by place; ascending.
  std::vector<std::size_t> not_written;
  // What was asked for in a Recording, otherwise empty.
  std::vector<RunMoment> series;      ///< kRunMoments of them, or one more
  std::vector<MessageSpread> spread;  ///< of the messages that were watched
  Trail trail;                        ///< of the message that was followed

  /// Whether this message of `plan` was written.
  bool was_written(const MessagePlan& plan, std::size_t message) const {
    return plan[message].at <= end &&
           !std::binary_search(not_written.begin(), not_written.end(), message);
  }
};

}  // namespace chaski::sim
