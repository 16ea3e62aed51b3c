// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "daemon/explanation.hpp"

namespace chaski::daemon {
namespace {

using node::Direction;
using node::LifeEvent;
using node::MessageState;

MessageSituation outgoing(MessageState state, std::vector<LifeEvent> life = {},
                          std::optional<std::uint64_t> age_ms = {}, std::size_t neighbours = 0) {
  MessageSituation s;
  s.message.direction = Direction::outgoing;
  s.message.state = state;
  s.message.lifetime_s = 7 * 86'400;
  s.life = std::move(life);
  s.age_ms = age_ms;
  s.neighbours = neighbours;
  return s;
}

LifeEvent custody(const char* neighbour) { return {0, {}, "custody", neighbour}; }

TEST(Explanation, NobodyThere) {
  EXPECT_EQ(explain(outgoing(MessageState::accepted, {}, 86'400'000)),
            "It is written and safe on this node, but no neighbour has taken it yet. No neighbour "
            "is at hand: it goes out when one comes. It is still carried here for at most 6 days.");
}

TEST(Explanation, Refused) {
  EXPECT_EQ(explain(outgoing(MessageState::accepted, {{0, {}, "refused", "ab"}}, std::nullopt, 1)),
            "It is written and safe on this node, but no neighbour has taken it yet. A neighbour "
            "refused it (its store may be full) and will be asked again.");
}

TEST(Explanation, TheRecipientCannotReadBeforeOurAnswerIsStamped) {
  MessageSituation s = outgoing(MessageState::accepted);
  EXPECT_EQ(explain(s).find("stamped"), std::string::npos);
  s.work_left_s = 4;
  EXPECT_NE(explain(s).find("being stamped: working, about 4 seconds."), std::string::npos);
}

TEST(Explanation, Custody) {
  EXPECT_EQ(explain(outgoing(MessageState::custody, {custody("a")})),
            "One neighbour has taken it and carries it on. No receipt of the recipient came back "
            "yet.");
}

TEST(Explanation, CustodyOfSeveralCountsEachOnce) {
  EXPECT_EQ(explain(outgoing(MessageState::custody, {custody("a"), custody("b"), custody("a")})),
            "2 neighbours have taken it and carry it on. No receipt of the recipient came back "
            "yet.");
}

TEST(Explanation, Ends) {
  EXPECT_EQ(explain(outgoing(MessageState::delivered)),
            "It was delivered: the recipient's receipt came back.");
  EXPECT_EQ(explain(outgoing(MessageState::expired)),
            "It grew too old before any neighbour took it, and was given up.");
  EXPECT_EQ(explain(outgoing(MessageState::expired, {custody("a")})),
            "It grew too old before a receipt came back; the recipient may have it all the same.");
}

TEST(Explanation, Incoming) {
  MessageSituation s;
  s.message.direction = Direction::incoming;
  s.message.age_ms = 999;
  EXPECT_EQ(explain(s), "It came at once.");
  s.message.age_ms = 2u * 86'400'000 + 5;
  EXPECT_EQ(explain(s), "It came after travelling for 2 days.");
}

TEST(Explanation, NeighboursInWords) {
  using mesh_router::Withheld;
  const base::Time now = base::Time{} + std::chrono::hours(1);
  mesh_router::NeighbourExplanation to;
  to.id.bytes.fill(0xab);
  MessageSituation s = outgoing(MessageState::accepted);
  const auto words = [&](Withheld why) {
    to.why = why;
    return explain_neighbour(s, to, now);
  };
  EXPECT_EQ(words(Withheld::has_it), "has it");
  EXPECT_EQ(words(Withheld::queued), "goes next");
  to.ahead = 1;
  EXPECT_EQ(words(Withheld::queued), "waits for its turn: one message goes before it");
  to.ahead = 12;
  EXPECT_EQ(words(Withheld::queued), "waits for its turn: 12 messages go before it");
  EXPECT_EQ(words(Withheld::refused),
            "said that its store is full, asked again when it says that it has room");
  to.until = now + std::chrono::milliseconds(1'200);
  EXPECT_EQ(words(Withheld::refused), "said that its store is full, asked again in 2 seconds");
  to.until = now;
  EXPECT_EQ(words(Withheld::refused), "said that its store is full, asked again now");

  s.life = {{0, {}, "refused", "abababab"}};
  EXPECT_EQ(words(Withheld::has_it), "does not take it");
  s.life.push_back(custody("abababab"));
  EXPECT_EQ(words(Withheld::has_it), "has it");
  for (int i = 0; i < static_cast<int>(Withheld::kCount); ++i) {
    EXPECT_FALSE(words(static_cast<Withheld>(i)).empty()) << i;
  }
}

TEST(Explanation, TimesInWords) {
  EXPECT_EQ(in_words(0), "0 seconds");
  EXPECT_EQ(in_words(1), "one second");
  EXPECT_EQ(in_words(59), "59 seconds");
  EXPECT_EQ(in_words(60), "one minute");
  EXPECT_EQ(in_words(3'599), "59 minutes");
  EXPECT_EQ(in_words(86'400), "one day");
}

}  // namespace
}  // namespace chaski::daemon
