// SPDX-License-Identifier: Apache-2.0
#include "sim/traffic/message_events.hpp"

#include <unordered_set>

#include "sim/text/line_reader.hpp"
#include "sim/text/numbers.hpp"
#include "sim/text/one_event.hpp"
#include "sim/text/one_hosts.hpp"

namespace chaski::sim {

base::Expected<ReadMessageEvents, ParseError> parse_message_events(
    std::string_view text, std::string_view file, std::uint32_t nodes,
    const std::vector<std::string>& names, const MessageEventsOptions& options) {
  const OneHostIndex hosts(nodes, names);
  ReadMessageEvents events;
  std::unordered_set<std::string_view> ids;
  base::Time last{};
  LineReader line(text, file);
  while (line.next()) {
    const auto event = parse_one_event(line);
    if (!event) return base::unexpected(event.error());
    if (event->at < last) {
      return base::unexpected(line.wrong(
          "no time before that of an event above, " + seconds_text(last.time_since_epoch()),
          in_quotes(line.word(0))));
    }
    last = event->at;
    if (event->kind != OneEvent::Kind::create) {
      ++events.others;
      continue;
    }
    if (events.plan.size() >= options.messages_max) {
      return base::unexpected(
          line.wrong("at most " + std::to_string(options.messages_max) + " messages", "more"));
    }
    if (!ids.insert(event->message).second) {
      return base::unexpected(line.wrong_word(2, "the id of a new message"));
    }
    const auto from = hosts.find(event->a);
    if (!from) return base::unexpected(line.wrong_word(3, "a host of this world"));
    const auto to = hosts.find(event->b);
    if (!to) return base::unexpected(line.wrong_word(4, "a host of this world"));
    events.plan.push_back(
        {event->at, *from, *to, event->size_bytes, options.lifetime, std::string(event->message)});
  }
  if (events.plan.empty()) {
    return base::unexpected(
        ParseError{std::string(file), 0, "lines `<time> C <id> <from> <to> <size>`", "none"});
  }
  return events;
}

std::string message_events_text(const MessagePlan& plan, const std::vector<std::string>& names) {
  const auto host = [&](NodeIndex node) {
    return names.empty() ? std::to_string(node) : names[node];
  };
  std::string text;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const PlannedMessage& message = plan[i];
    text += seconds_text(message.at.time_since_epoch()) + " C " +
            (message.name.empty() ? "M" + std::to_string(i) : message.name) + ' ' +
            host(message.from) + ' ' + host(message.to) + ' ' + std::to_string(message.size_bytes) +
            '\n';
  }
  return text;
}

}  // namespace chaski::sim
