// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/event_hub.hpp"
#include "daemon/event_stream.hpp"

#include <nlohmann/json.hpp>

namespace chaski::daemon {
namespace {

std::optional<std::string> nothing(node::MessageId) { return std::nullopt; }

TEST(EventStream, GivesWhatWasOfferedInOrder) {
  EventStream stream(std::nullopt, nothing);
  EXPECT_EQ(stream.take(), "");
  stream.offer("a\n", 0);
  stream.offer("b\n", 7);
  EXPECT_TRUE(stream.has_more());
  EXPECT_EQ(stream.take(), "a\nb\n");
  EXPECT_EQ(stream.take(), "");
  EXPECT_FALSE(stream.has_more());
}

TEST(EventStream, ASlowListenerIsToldOnceAndGetsNothingMore) {
  EventStream stream(std::nullopt, nothing);
  const std::string line(10'000, 'x');
  for (int i = 0; i < 1'000; ++i) stream.offer(line, 0);
  EXPECT_TRUE(stream.ended());
  EXPECT_EQ(stream.take(), EventStream::kLagged);
  stream.offer("late\n", 0);
  EXPECT_EQ(stream.take(), "");
}

TEST(EventStream, ReplaysEachMessageOnceAlsoThoseThatArriveMeanwhile) {
  std::uint64_t last = 250;
  EventStream stream(10, [&](node::MessageId id) -> std::optional<std::string> {
    if (id > last) return std::nullopt;
    return std::to_string(id) + "\n";
  });
  std::string all = stream.take();  // the first batch
  last = 251;
  stream.offer("251\n", 251);       // arrived: the replay will come to it
  stream.offer("changed 20\n", 20); // one that was replayed changed its state
  while (stream.has_more()) all += stream.take();
  last = 252;
  stream.offer("252\n", 252);
  all += stream.take();
  std::string expected;
  for (std::uint64_t id = 11; id <= 110; ++id) expected += std::to_string(id) + "\n";
  expected += "changed 20\n";
  for (std::uint64_t id = 111; id <= 252; ++id) expected += std::to_string(id) + "\n";
  EXPECT_EQ(all, expected);
}

TEST(EventHub, TellsEverybodyAndStandsOneLeavingMeanwhile) {
  EventHub hub;
  std::string heard;
  EventHub::Id second = 0;
  hub.subscribe([&](const std::string& line, std::uint64_t) {
    heard += "1" + line;
    hub.unsubscribe(second);
  });
  second = hub.subscribe([&](const std::string& line, std::uint64_t id) {
    heard += "2" + line + std::to_string(id);
  });
  hub.publish({{"event", "x"}}, 5);
  hub.publish({{"event", "y"}});
  EXPECT_EQ(heard, "1{\"event\":\"x\"}\n2{\"event\":\"x\"}\n51{\"event\":\"y\"}\n");
}

}  // namespace
}  // namespace chaski::daemon
