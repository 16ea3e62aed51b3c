// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.hpp"
#include "base/time.hpp"
#include "sim/text/parse_error.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// How a file of The ONE's events becomes a plan.
struct MessageEventsOptions {
  base::Duration lifetime = base::Duration::max();  ///< of each message: the file has none
  std::uint64_t messages_max = 10'000'000;
};

/// What a file says of messages.
struct ReadMessageEvents {
  MessagePlan plan;
  /// Lines of other events, read for their form alone: contacts, and what The ONE would transfer,
  /// abort or delete by order of the file and strategies decide here.
  std::uint64_t others = 0;
};

/// Reads a plan from The ONE's message events: `<time> C <id> <from> <to> <size>`.
///
/// Hosts are found among `names` by their numbers, as in one_hosts.hpp; without names they are 0 to
/// nodes - 1. Errors are a line that is not as in one_event.hpp, a time before that of the line
/// above, an id that was there before, a host that is not among the nodes, no `C` at all, and the
/// limit.
base::Expected<ReadMessageEvents, ParseError> parse_message_events(
    std::string_view text, std::string_view file, std::uint32_t nodes,
    const std::vector<std::string>& names, const MessageEventsOptions& options = {});

/// A plan as The ONE reads it, without lifetimes. Messages without a name are M0, M1 ... by place.
std::string message_events_text(const MessagePlan& plan, const std::vector<std::string>& names);

}  // namespace chaski::sim
