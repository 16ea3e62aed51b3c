// SPDX-License-Identifier: Apache-2.0
// Afraid of: running on half of a file, and of a message that goes to somebody else than in The
// ONE.
#include "sim/traffic/message_events.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

std::string error_of(std::string_view text, const MessageEventsOptions& options = {}) {
  const auto events = parse_message_events(text, "m.txt", 3, {}, options);
  return events ? "none" : events.error().message();
}

TEST(MessageEvents, AreReadBesideAllOtherEvents) {
  MessageEventsOptions options;
  options.lifetime = 300min;
  const auto events = parse_message_events(
      "# messages\n"
      "0.5 C M1 p7 3 500k\n"
      "1 CONN 7 3 up\n"
      "1 S M1 7 3\n"
      "2 DE M1 7 3\n2 A M1 7 3\n2 DR M1 7\n2 R * 3\n"
      "2   C  X2 3 q9 25 0\n",
      "m.txt", 3, {"3", "p7", "w9"}, options);
  ASSERT_TRUE(events) << events.error().message();
  EXPECT_EQ(events->others, 6u);
  ASSERT_EQ(events->plan.size(), 2u);
  const PlannedMessage& first = events->plan[0];
  EXPECT_EQ(first.at, base::Time{500ms});
  EXPECT_EQ(first.from, 1u);
  EXPECT_EQ(first.to, 0u);
  EXPECT_EQ(first.size_bytes, 500'000u);
  EXPECT_EQ(first.lifetime, 300min);
  EXPECT_EQ(first.name, "M1");
  EXPECT_EQ(events->plan[1].to, 2u);
}

TEST(MessageEvents, SayWhereAFileIsWrong) {
  EXPECT_EQ(error_of("1 C M1 0 3 5\n"), "m.txt:1: expected a host of this world, found '3'");
  EXPECT_EQ(error_of("1 C M1 9 2 5\n"), "m.txt:1: expected a host of this world, found '9'");
  EXPECT_EQ(error_of("1 C M1 0 2 5\n1 C M1 1 2 5\n"),
            "m.txt:2: expected the id of a new message, found 'M1'");
  EXPECT_EQ(error_of("2 C M1 0 2 5\n\n1 C M2 1 2 5\n"),
            "m.txt:3: expected no time before that of an event above, 2, found '1'");
  EXPECT_EQ(error_of("2 C M1 0 0 5\n"), "m.txt:1: expected two hosts, found '0' twice");
  EXPECT_EQ(error_of("2 C M1 0 1\n"),
            "m.txt:1: expected a size in bytes, below 2^31, found the end of the line");
  EXPECT_EQ(error_of("2 X M1 0 1 5\n"), "m.txt:1: expected CONN, C, S, DE, A, DR or R, found 'X'");
  const std::string none = "m.txt: expected lines `<time> C <id> <from> <to> <size>`, found none";
  EXPECT_EQ(error_of(""), none);
  EXPECT_EQ(error_of("2 CONN 0 1 up\n"), none);
  MessageEventsOptions options;
  options.messages_max = 1;
  EXPECT_EQ(error_of("2 C M1 0 1 5\n", options), "none");
  EXPECT_EQ(error_of("2 C M1 0 1 5\n2 C M2 0 1 5\n", options),
            "m.txt:2: expected at most 1 messages, found more");
}

RC_GTEST_PROP(MessageEvents, AreReadAsTheyWereWritten, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  MessagePlan plan(1 + random.below(20));
  base::Time at{};
  for (std::size_t i = 0; i < plan.size(); ++i) {
    at += base::Duration(random.below(3'000'000));
    const auto from = static_cast<NodeIndex>(random.below(9));
    plan[i] = {at,
               from,
               static_cast<NodeIndex>((from + 1 + random.below(8)) % 9),
               static_cast<std::uint32_t>(random.below(1u << 31)),
               5min,
               "N" + std::to_string(i)};
  }
  MessageEventsOptions options;
  options.lifetime = 5min;
  const auto events = parse_message_events(message_events_text(plan, {}), "m", 9, {}, options);
  RC_ASSERT(events.has_value());
  RC_ASSERT(events->plan.size() == plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const PlannedMessage& read = events->plan[i];
    RC_ASSERT(std::tie(read.at, read.from, read.to, read.size_bytes, read.lifetime, read.name) ==
              std::tie(plan[i].at, plan[i].from, plan[i].to, plan[i].size_bytes, plan[i].lifetime,
                       plan[i].name));
  }
}

}  // namespace
}  // namespace chaski::sim
