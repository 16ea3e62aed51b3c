// SPDX-License-Identifier: Apache-2.0
// A file of The ONE's message events for a world of ten. What is taken is a plan in the order of
// time, and is the same when it is written and read again.
#include "base/assert.hpp"
#include "sim/traffic/message_events.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto events = sim::parse_message_events(text, "f", 10, {});
  if (!events) {
    CHASKI_ASSERT(!events.error().message().empty());
    return 0;
  }
  const std::string written = sim::message_events_text(events->plan, {});
  const auto again = sim::parse_message_events(written, "f", 10, {});
  CHASKI_ASSERT(again && again->plan.size() == events->plan.size() && again->others == 0);
  base::Time before{};
  for (std::size_t i = 0; i < events->plan.size(); ++i) {
    const sim::PlannedMessage& message = events->plan[i];
    CHASKI_ASSERT(message.from < 10 && message.to < 10 && message.from != message.to);
    CHASKI_ASSERT(message.at >= before);
    before = message.at;
    CHASKI_ASSERT(message.at == again->plan[i].at && message.name == again->plan[i].name);
    CHASKI_ASSERT(message.from == again->plan[i].from && message.to == again->plan[i].to);
  }
  CHASKI_ASSERT(sim::message_events_text(again->plan, {}) == written);
  return 0;
}
