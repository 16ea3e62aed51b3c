// SPDX-License-Identifier: Apache-2.0
// Afraid of: rules that are nearly The ONE's. One small story for each, computed by hand; links
// carry 100 bytes a second, and nodes have their turns by number.
#include <gtest/gtest.h>

#include <functional>

#include "sim/ideal/bit_rate_world.hpp"
#include "tests/sim/ideal/worlds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using Kind = Strategy::Kind;

BitRateRules rules_of(Kind kind, std::uint64_t buffer_bytes = BitRateRules::kUnbounded) {
  BitRateRules rules;
  rules.strategy.kind = kind;
  rules.bytes_per_s = 100;
  rules.buffer_bytes = buffer_bytes;
  rules.queue = BitRateRules::Queue::fifo;
  rules.random_update_order = false;
  return rules;
}

/// Calls look(now) before each change of a contact: for a view into a run.
class Watched final : public ContactSource {
 public:
  Watched(ListedContacts contacts, std::function<void(base::Time)> look)
      : contacts_(std::move(contacts)), look_(std::move(look)) {}
  std::uint32_t nodes() const override { return contacts_.nodes(); }
  base::Time end() const override { return contacts_.end(); }
  std::optional<ContactChange> next() override {
    if (last_) look_(last_->at);
    last_ = contacts_.next();
    return last_;
  }

 private:
  ListedContacts contacts_;
  std::function<void(base::Time)> look_;
  std::optional<ContactChange> last_;
};

RunResult play(const std::vector<ContactChange>& changes, const MessagePlan& plan,
               const BitRateRules& rules) {
  ListedContacts contacts(6, 1'000, changes);
  return BitRateWorld(contacts, plan, rules).run();
}

void expect_delivered(const Outcome& outcome, double s) {
  ASSERT_TRUE(outcome.delivered.has_value());
  EXPECT_NEAR(static_cast<double>(base::to_us(*outcome.delivered)) / 1e6, s, 2e-6);
}

TEST(OneRules, ATransferTakesSizeBySpeedAndEndsAtTheNextTick) {
  const MessagePlan plan = {message(0, 0, 1, 105)};
  BitRateRules rules = rules_of(Kind::direct);
  expect_delivered(play({up(10, 0, 1)}, plan, rules).outcomes[0], 11.1);
  // Or when anything happens anywhere: all nodes are looked at then.
  expect_delivered(play({up(10, 0, 1), up(11.06, 4, 5)}, plan, rules).outcomes[0], 11.06);
  rules.update_interval = base::Duration::zero();
  expect_delivered(play({up(10, 0, 1)}, plan, rules).outcomes[0], 11.05);
}

TEST(OneRules, LessThanOneByteLeftIsNothingLeft) {
  // Done at 10.1 and .0099: with the tick at 10.1 there is .99 of a byte left.
  BitRateRules rules = rules_of(Kind::direct);
  rules.bytes_per_s = 1'000;
  expect_delivered(play({up(10.0019, 0, 1)}, {message(0, 0, 1, 99)}, rules).outcomes[0], 10.1);
  expect_delivered(play({up(10.0019, 0, 1)}, {message(0, 0, 1, 100)}, rules).outcomes[0], 10.2);
}

TEST(OneRules, ANodeTransfersOneMessageAtATime) {
  const MessagePlan plan = {message(0, 0, 1, 100), message(1, 0, 2, 100), message(2, 3, 0, 100)};
  const RunResult result =
      play({up(10, 0, 1), up(10, 0, 2), up(10.5, 0, 3)}, plan, rules_of(Kind::direct));
  expect_delivered(result.outcomes[0], 11);
  // At 11 the sender, whose turn it is, goes on before 3 is heard.
  expect_delivered(result.outcomes[1], 12);
  expect_delivered(result.outcomes[2], 13);
}

TEST(OneRules, WhoReceivesIsBusyForOthers) {
  const MessagePlan plan = {message(0, 0, 1, 300), message(0, 2, 1, 100), message(0, 2, 3, 100)};
  const RunResult result =
      play({up(10, 0, 1), up(11, 1, 2), up(12, 2, 3)}, plan, rules_of(Kind::direct));
  expect_delivered(result.outcomes[0], 13);
  // 2 would wait for 1, but gives to 3 meanwhile.
  expect_delivered(result.outcomes[2], 13);
  expect_delivered(result.outcomes[1], 14);
}

TEST(OneRules, WhatANodeHasOrWasDeliveredThereIsDenied) {
  const MessagePlan plan = {message(0, 0, 1, 100)};
  const RunResult result = play({up(10, 0, 2), down(20, 0, 2), up(30, 0, 1), down(40, 0, 1),
                                 up(50, 1, 2), up(60, 0, 2)},
                                plan, rules_of(Kind::epidemic));
  EXPECT_EQ(result.totals.transfers_begun, 2u);
  EXPECT_EQ(result.totals.transfers_ended, 2u);
  EXPECT_EQ(result.totals.duplicates, 0u);
  EXPECT_EQ(result.outcomes[0].hops, 1u);
  EXPECT_EQ(result.outcomes[0].carriers, 2u);
}

TEST(OneRules, WhatIsLargerThanTheBufferIsDeniedAndYetWritten) {
  const MessagePlan plan = {message(0, 0, 1, 301), message(1, 0, 1, 300)};
  const RunResult result = play({up(10, 0, 1)}, plan, rules_of(Kind::epidemic, 300));
  EXPECT_FALSE(result.outcomes[0].delivered);
  // Writing the second made room for it, and dropped the first.
  expect_delivered(result.outcomes[1], 13);
  EXPECT_EQ(result.totals.copies_dropped, 1u);
  EXPECT_EQ(play({up(10, 0, 1)}, {message(0, 0, 1, 301)}, rules_of(Kind::epidemic, 300))
                .totals.transfers_begun,
            0u);
}

TEST(OneRules, AFullReceiverDropsWhatItReceivedFirstAndARecipientToo) {
  // 1 holds its own of 5 s and one of 10 to 11 s; then 100 more have to fit into 250.
  const std::vector<ContactChange> changes = {up(10, 0, 1), down(20, 0, 1), up(30, 1, 2)};
  const MessagePlan plan = {message(0, 0, 5, 100), message(5, 1, 5, 100), message(6, 2, 5, 100),
                            message(7, 2, 1, 100)};
  BitRateRules rules = rules_of(Kind::direct, 250);
  const RunResult direct = play(changes, plan, rules);
  expect_delivered(direct.outcomes[3], 31);
  EXPECT_EQ(direct.totals.copies_dropped, 0u);
  rules.strategy.kind = Kind::epidemic;
  const RunResult result = play(changes, plan, rules);
  // 0 and 1 exchange; then 2's first, for 1, pushes 1's own out, which was first there.
  expect_delivered(result.outcomes[3], 31);
  ASSERT_GE(result.held_for.size(), 1u);
  EXPECT_NEAR(static_cast<double>(result.held_for[0].count()), 25e6, 2);
}

TEST(OneRules, WhatIsBeingSentIsNotDropped) {
  // While the oldest is on its way, two more are written: the second oldest makes room.
  const MessagePlan plan = {message(0, 0, 1, 100), message(1, 0, 2, 100), message(10.5, 0, 2, 100)};
  const RunResult result =
      play({up(10, 0, 1), up(20, 0, 2)}, plan, rules_of(Kind::direct, 250));
  expect_delivered(result.outcomes[0], 11);
  EXPECT_FALSE(result.outcomes[1].delivered);
  expect_delivered(result.outcomes[2], 21);
  EXPECT_EQ(result.totals.copies_dropped, 1u);
}

TEST(OneRules, RoomThatWasMadeAtTheBeginningMayBeTakenBeforeTheEnd) {
  // 1 is receiving 200 of 250 when it writes 200 more: it holds 400 until it sent something, or
  // did not manage to.
  std::uint64_t most = 0;
  const BitRateWorld* world = nullptr;
  Watched contacts({6, 100, {up(10, 0, 1), up(12.2, 4, 5), down(12.5, 0, 1)}},
                   [&](base::Time) { most = std::max(most, world->buffer(1).bytes()); });
  const MessagePlan plan = {message(0, 0, 5, 200), message(11, 1, 5, 200), message(16, 1, 5, 50)};
  BitRateWorld run(contacts, plan, rules_of(Kind::epidemic, 250));
  world = &run;
  const RunResult result = run.run();
  EXPECT_EQ(most, 400u);
  EXPECT_EQ(run.buffer(1).bytes(), 250u);
  EXPECT_EQ(result.totals.copies_dropped, 2u);  // 0 made room too
}

TEST(OneRules, ABrokenLinkAbortsAndTheNextBeginsAnew) {
  const MessagePlan plan = {message(0, 0, 1, 300)};
  const RunResult result =
      play({up(10, 0, 1), down(12, 0, 1), up(20, 0, 1)}, plan, rules_of(Kind::direct));
  EXPECT_EQ(result.totals.transfers_begun, 2u);
  EXPECT_EQ(result.totals.transfers_aborted, 1u);
  EXPECT_EQ(result.totals.transfers_ended, 1u);
  expect_delivered(result.outcomes[0], 23);
}

TEST(OneRules, WhatCouldHaveEndedWhenTheLinkDidHasEndedWell) {
  const MessagePlan plan = {message(0, 0, 1, 105)};
  const RunResult result = play({up(10, 0, 1), down(11.05, 0, 1)}, plan, rules_of(Kind::direct));
  EXPECT_EQ(result.totals.transfers_aborted, 0u);
  expect_delivered(result.outcomes[0], 11.05);
}

TEST(OneRules, DeliverableMessagesGoFirst) {
  const MessagePlan plan = {message(0, 0, 5, 100), message(1, 0, 1, 100)};
  const RunResult result =
      play({up(10, 0, 1), down(11.5, 0, 1)}, plan, rules_of(Kind::epidemic));
  expect_delivered(result.outcomes[1], 11);
  EXPECT_EQ(result.totals.transfers_aborted, 1u);  // of the older one
}

TEST(OneRules, WhoHasNothingToDeliverAsksBeforeItGives) {
  // 0 has its turn first, and would give its message to 1; it asks, and 1's comes first.
  const MessagePlan plan = {message(0, 0, 5, 100), message(1, 1, 0, 100)};
  const RunResult result =
      play({up(10, 0, 1), down(11.5, 0, 1)}, plan, rules_of(Kind::epidemic));
  expect_delivered(result.outcomes[1], 11);
  EXPECT_EQ(result.outcomes[0].carriers, 1u);
}

TEST(OneRules, TheFirstLinkIsTriedWithAllBeforeTheSecond) {
  const MessagePlan plan = {message(0, 0, 5, 100), message(1, 0, 5, 100)};
  const RunResult result = play({up(10, 0, 2), up(10, 0, 1), down(12.5, 0, 1), down(12.5, 0, 2)},
                                plan, rules_of(Kind::epidemic));
  // Both to 2, which was there first; of what 2 then has nothing is new to anybody but 1.
  EXPECT_EQ(result.outcomes[0].carriers, 2u);
  EXPECT_EQ(result.outcomes[1].carriers, 2u);
  EXPECT_EQ(result.totals.transfers_aborted, 1u);
}

TEST(OneRules, LifetimesAreCheckedEachMinuteAndTheLastMinuteDoesNotCount) {
  MessagePlan plan = {message(0, 0, 5, 100)};
  plan[0].lifetime = 5min;
  // The fourth check, each a tick later than a minute, finds less than a minute left; so does a
  // relay shortly before.
  const RunResult relay = play({up(240.01, 0, 1), up(241, 0, 5)}, plan, rules_of(Kind::epidemic));
  EXPECT_EQ(relay.totals.transfers_begun, 0u);
  EXPECT_EQ(relay.totals.copies_expired, 1u);
  ASSERT_EQ(relay.held_for.size(), 1u);
  EXPECT_NEAR(static_cast<double>(relay.held_for[0].count()), 240.2e6, .2e6);
  // The recipient takes it as long as somebody has it; who sends has no check meanwhile.
  const RunResult recipient = play({up(240.01, 0, 5)}, plan, rules_of(Kind::epidemic));
  expect_delivered(recipient.outcomes[0], 241.1);
  EXPECT_EQ(recipient.totals.copies_expired, 1u);
}

TEST(OneRules, BinarySprayGivesTheGreaterHalfWhenTheTransferEnds) {
  std::vector<std::pair<int, int>> seen;
  const BitRateWorld* world = nullptr;
  const auto copies = [&](NodeIndex node) {
    const auto all = world->buffer(node).all();
    return all.empty() ? 0 : static_cast<int>(all[0].copies);
  };
  Watched contacts({6, 100, {up(10, 0, 1), up(10.5, 4, 5), up(12, 3, 4), down(13, 0, 1),
                             up(20, 0, 2), up(30, 2, 3)}},
                   [&](base::Time) { seen.emplace_back(copies(0), copies(1)); });
  BitRateRules rules = rules_of(Kind::spray_binary);
  rules.strategy.copies = 5;
  const MessagePlan plan = {message(0, 0, 5, 100)};
  BitRateWorld run(contacts, plan, rules);
  world = &run;
  run.run();
  const std::vector<std::pair<int, int>> expected = {{5, 0}, {5, 0}, {2, 3},
                                                     {2, 3}, {2, 3}, {1, 3}};
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(copies(2), 1);
  EXPECT_EQ(copies(3), 0);  // who has one copy waits
}

TEST(OneRules, SourceSprayGivesOneAndDeliveryCostsOne) {
  BitRateRules rules = rules_of(Kind::spray_source);
  rules.strategy.copies = 3;
  ListedContacts contacts(6, 100, {up(10, 0, 1), up(20, 1, 2), up(30, 0, 5), up(40, 0, 3)});
  const MessagePlan plan = {message(0, 0, 5, 100)};
  BitRateWorld run(contacts, plan, rules);
  const RunResult result = run.run();
  EXPECT_EQ(run.buffer(0).all()[0].copies, 1);
  EXPECT_EQ(run.buffer(1).all()[0].copies, 1);
  EXPECT_EQ(result.outcomes[0].carriers, 2u);
  EXPECT_EQ(result.outcomes[0].carriers_then, 2u);
}

TEST(OneRules, DeliveredCopiesAreRemovedOnlyWhenAskedTo) {
  const std::vector<ContactChange> changes = {up(10, 0, 1), down(20, 0, 1), up(30, 0, 1)};
  const MessagePlan plan = {message(0, 0, 1, 100)};
  BitRateRules rules = rules_of(Kind::direct);
  EXPECT_EQ(play(changes, plan, rules).totals.copies_removed, 0u);
  rules.delete_delivered = true;
  const RunResult result = play(changes, plan, rules);
  EXPECT_EQ(result.totals.copies_removed, 1u);
  EXPECT_EQ(result.totals.transfers_ended, 1u);
}

TEST(OneRules, WhichQueueOfEventsComesFirstDecidesAtEqualTimes) {
  const std::vector<ContactChange> changes = {up(10, 0, 1), down(20, 0, 1)};
  const MessagePlan plan = {message(20, 0, 1, 100)};
  BitRateRules rules = rules_of(Kind::direct);
  EXPECT_EQ(play(changes, plan, rules).totals.transfers_begun, 0u);
  rules.messages_first = true;
  EXPECT_EQ(play(changes, plan, rules).totals.transfers_aborted, 1u);
}

TEST(OneRules, ProphetGivesToTheLikeliestAndTwoHopOnlyFromTheAuthor) {
  const std::vector<ContactChange> changes = {
      up(10, 1, 5),  down(11, 1, 5), up(40, 2, 5),  down(41, 2, 5),  up(60, 0, 1), up(60, 0, 2),
      up(90, 2, 4), down(100, 0, 1), down(100, 0, 2), up(200, 4, 5), up(300, 2, 5)};
  const MessagePlan plan = {message(50, 0, 5, 100)};
  const RunResult two_hop = play(changes, plan, rules_of(Kind::two_hop));
  expect_delivered(two_hop.outcomes[0], 301);
  EXPECT_EQ(two_hop.outcomes[0].carriers, 3u);
  const RunResult prophet = play(changes, plan, rules_of(Kind::prophet));
  EXPECT_EQ(prophet.outcomes[0].hops, 2u);
  EXPECT_EQ(prophet.outcomes[0].carriers, 3u);  // 4 is never likelier than 2
}

}  // namespace
}  // namespace chaski::sim
