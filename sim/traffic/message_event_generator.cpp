// SPDX-License-Identifier: Apache-2.0
#include "sim/traffic/message_event_generator.hpp"

#include "sim/traffic/java_random.hpp"

namespace chaski::sim {

namespace {

std::uint32_t draw(JavaRandom& random, std::uint32_t min, std::uint32_t max) {
  return min + (min == max ? 0 : random.below(max - min));
}

/// At least one author, and someone else for each.
bool has_two(const MessageEvents& settings) {
  const NodeRange from = settings.hosts;
  const NodeRange to = settings.to_hosts.value_or(from);
  if (from.end <= from.begin || to.end <= to.begin) return false;
  const bool alone = to.end - to.begin == 1;
  return !alone || to.begin < from.begin || to.begin >= from.end;
}

}  // namespace

base::Expected<MessagePlan, MessageEventsError> message_events(const MessageEvents& settings) {
  using Error = MessageEventsError;
  // From 0 to 1, and the larger left out, is 0 for ever.
  const bool stands_still = settings.interval_min_s == 0 && settings.interval_max_s <= 1;
  if (settings.interval_max_s < settings.interval_min_s || stands_still) {
    return base::unexpected(Error::interval);
  }
  if (settings.size_max_bytes < settings.size_min_bytes) return base::unexpected(Error::size);
  if (!has_two(settings)) return base::unexpected(Error::hosts);
  const NodeRange recipients = settings.to_hosts.value_or(settings.hosts);
  JavaRandom random(settings.seed.value_or(java_hash(settings.prefix)));
  const auto interval_s = [&] {
    return draw(random, settings.interval_min_s, settings.interval_max_s);
  };
  MessagePlan plan;
  std::uint64_t at_s = std::uint64_t{settings.from_s} + interval_s();
  while (at_s <= settings.until_s) {
    PlannedMessage& message = plan.emplace_back();
    message.at = base::Time{} + std::chrono::seconds(at_s);
    message.from = draw(random, settings.hosts.begin, settings.hosts.end);
    do {
      message.to = draw(random, recipients.begin, recipients.end);
    } while (message.to == message.from);
    message.size_bytes = draw(random, settings.size_min_bytes, settings.size_max_bytes);
    message.lifetime = settings.lifetime;
    message.name = settings.prefix + std::to_string(plan.size());
    at_s += interval_s();
  }
  return plan;
}

}  // namespace chaski::sim
