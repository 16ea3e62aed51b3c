// SPDX-License-Identifier: Apache-2.0
// Afraid of: a message that moves where no contact is or stays where one is, copies out of nothing,
// buffers that overflow, and a second run that is another.
#include "sim/ideal/instant_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "sim/contacts/oracle.hpp"
#include "tests/seeds.hpp"
#include "tests/sim/ideal/worlds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using Kind = Strategy::Kind;

constexpr Kind kAll[] = {Kind::direct,       Kind::epidemic,     Kind::two_hop,
                         Kind::spray_binary, Kind::spray_source, Kind::prophet};

RunResult run(ListedContacts& contacts, const MessagePlan& plan, const InstantRules& rules) {
  contacts.rewind();
  return InstantWorld(contacts, plan, rules).run();
}

/// Node 1 meets 0, then 2, who is with 3.
ListedContacts chain() {
  return {4, 100, {up(10, 0, 1), down(20, 0, 1), up(15, 2, 3), up(30, 1, 2), down(40, 1, 2)}};
}

TEST(InstantWorld, EachStrategyInOneChain) {
  const MessagePlan plan = {message(0, 0, 3)};
  const auto delivered = [&](const Strategy& strategy) {
    ListedContacts contacts = chain();
    return run(contacts, plan, {.strategy = strategy}).outcomes[0];
  };
  EXPECT_FALSE(delivered({.kind = Kind::direct}).delivered);
  EXPECT_FALSE(delivered({.kind = Kind::two_hop}).delivered);
  EXPECT_FALSE(delivered({.kind = Kind::spray_source, .copies = 9}).delivered);
  EXPECT_FALSE(delivered({.kind = Kind::spray_binary, .copies = 2}).delivered);
  const Outcome epidemic = delivered({.kind = Kind::epidemic});
  EXPECT_EQ(epidemic.delivered, at_s(30));
  EXPECT_EQ(epidemic.hops, 3u);
  EXPECT_EQ(epidemic.carriers, 3u);
  EXPECT_EQ(delivered({.kind = Kind::spray_binary, .copies = 3}).delivered, at_s(30));
}

TEST(InstantWorld, WhatIsWrittenInAComponentFillsItAtOnce) {
  ListedContacts contacts(4, 100, {up(1, 0, 1), up(2, 1, 2), up(3, 2, 3)});
  const RunResult result =
      run(contacts, {message(50, 0, 3)}, {.strategy = {.kind = Kind::epidemic}});
  EXPECT_EQ(result.outcomes[0].delivered, at_s(50));
  EXPECT_EQ(result.outcomes[0].hops, 3u);
  EXPECT_EQ(result.totals.transfers_ended, 3u);
  EXPECT_EQ(result.contacts, 3u);
}

TEST(InstantWorld, AtEqualTimesContactsComeBeforeMessagesAndLifetimesEndBeforeBoth) {
  ListedContacts contacts(3, 100, {up(10, 0, 1), down(20, 0, 1), up(30, 0, 1)});
  MessagePlan plan = {message(10, 0, 1), message(20, 0, 1), message(20, 0, 1)};
  plan[1].lifetime = 10s;
  plan[2].lifetime = 11s;
  const RunResult result = run(contacts, plan, {.strategy = {.kind = Kind::direct}});
  EXPECT_EQ(result.outcomes[0].delivered, at_s(10));
  EXPECT_FALSE(result.outcomes[1].delivered);
  EXPECT_EQ(result.outcomes[2].delivered, at_s(30));
  EXPECT_EQ(result.totals.copies_expired, 2u);  // the author's, delivered or not
}

TEST(InstantWorld, MessagesAfterTheEndAreNotWritten) {
  ListedContacts contacts(2, 100, {up(1, 0, 1)});
  const RunResult result =
      run(contacts, {message(100, 0, 1), message(101, 0, 1)}, {.strategy = {}});
  EXPECT_TRUE(result.outcomes[0].delivered);
  EXPECT_FALSE(result.outcomes[1].delivered);
  EXPECT_EQ(result.totals.messages_written, 1u);
}

TEST(InstantWorld, AFullBufferDropsTheOldestAndDoesNotTakeItAgain) {
  ListedContacts contacts(3, 100, {up(10, 0, 1), down(20, 0, 1), up(30, 0, 1), up(40, 1, 2)});
  const MessagePlan plan = {message(1, 0, 2, 6), message(2, 0, 2, 6), message(3, 1, 2, 11)};
  const RunResult result =
      run(contacts, plan, {.strategy = {.kind = Kind::epidemic}, .buffer_bytes = 10});
  // The author has room for the second alone; what fits no buffer never leaves.
  EXPECT_FALSE(result.outcomes[0].delivered);
  EXPECT_EQ(result.outcomes[1].delivered, at_s(40));
  EXPECT_FALSE(result.outcomes[2].delivered);
  EXPECT_EQ(result.totals.copies_dropped, 2u);
}

TEST(InstantWorld, ProphetGivesToWhomeverMeetsTheRecipientMoreOften) {
  ListedContacts contacts(4, 10'000,
                          {up(10, 1, 3), down(20, 1, 3), up(100, 0, 2), down(110, 0, 2),
                           up(200, 0, 1), down(210, 0, 1), up(300, 1, 3)});
  const RunResult result =
      run(contacts, {message(50, 0, 3)}, {.strategy = {.kind = Kind::prophet}});
  EXPECT_EQ(result.outcomes[0].delivered, at_s(300));
  EXPECT_EQ(result.outcomes[0].carriers, 2u);  // 2 never met 3
}

/// When a flood reaches the recipient, by looking at all contacts again and again.
std::optional<base::Time> flood(const ListedContacts& contacts, const PlannedMessage& planned) {
  std::vector<bool> has(contacts.nodes());
  std::vector<std::pair<NodeIndex, NodeIndex>> links;
  const auto settle = [&] {
    for (bool moved = true; moved;) {
      moved = false;
      for (const auto& [a, b] : links) {
        if (has[a] == has[b]) continue;
        has[a] = has[b] = moved = true;
      }
    }
    return has[planned.to];
  };
  bool written = false;
  for (const ContactChange& change : contacts.changes()) {
    if (!written && change.at > planned.at) {
      has[planned.from] = written = true;
      if (settle()) return planned.at;
    }
    const std::pair pair(change.a, change.b);
    if (change.up) {
      links.push_back(pair);
    } else {
      links.erase(std::find(links.begin(), links.end(), pair));
    }
    if (settle()) return change.at;
  }
  has[planned.from] = true;
  if (!written && settle()) return planned.at;
  return std::nullopt;
}

TEST(InstantWorld, AnEpidemicIsTheBestThatCanBe) {
  for (const std::uint64_t seed : test::seeds(40)) {
    SCOPED_TRACE(seed);
    RandomWorld world;
    world.grid_s = seed % 2 == 0 ? 20 : 0;
    ListedContacts contacts = random_contacts_of(world, seed);
    MessagePlan plan = random_plan_of(world, seed);
    const RunResult result = run(contacts, plan, {.strategy = {.kind = Kind::epidemic}});
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_EQ(result.outcomes[i].delivered, flood(contacts, plan[i])) << i;
    }
    for (PlannedMessage& planned : plan) planned.lifetime = 200s;
    const RunResult brief = run(contacts, plan, {.strategy = {.kind = Kind::epidemic}});
    contacts.rewind();
    const RunResult oracle = run_oracle(contacts, plan);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      EXPECT_EQ(brief.outcomes[i].delivered, oracle.outcomes[i].delivered) << i;
    }
  }
}

/// Between the parts of a run, so that each change can be followed by a look at all nodes.
class Watched final : public ContactSource {
 public:
  Watched(ListedContacts& contacts, std::function<void()> look)
      : contacts_(contacts), look_(std::move(look)) {}
  std::uint32_t nodes() const override { return contacts_.nodes(); }
  base::Time end() const override { return contacts_.end(); }
  std::optional<ContactChange> next() override {
    look_();
    return contacts_.next();
  }

 private:
  ListedContacts& contacts_;
  std::function<void()> look_;
};

TEST(InstantWorld, StormsKeepCopiesBuffersAndOrder) {
  for (const std::uint64_t seed : test::seeds(120)) {
    SCOPED_TRACE(seed);
    const RandomWorld shape;
    ListedContacts contacts = random_contacts_of(shape, seed);
    MessagePlan plan = random_plan_of(shape, seed);
    InstantRules rules;
    rules.strategy.kind = kAll[seed % std::size(kAll)];
    rules.strategy.copies = static_cast<std::uint16_t>(1 + seed % 11);
    const bool bounded = seed % 3 == 0;
    if (bounded) rules.buffer_bytes = 25'000;
    if (seed % 4 == 0) {
      for (PlannedMessage& planned : plan) planned.lifetime = 300s;
    }
    const InstantWorld* watched = nullptr;
    Watched source(contacts, [&] {
      if (watched == nullptr) return;
      for (NodeIndex node = 0; node < shape.nodes; ++node) {
        ASSERT_LE(watched->bytes_held(node), rules.buffer_bytes);
      }
      if (!rules.strategy.sprays()) return;
      for (std::uint32_t m = 0; m < plan.size(); ++m) {
        std::uint32_t copies = 0;
        for (NodeIndex node = 0; node < shape.nodes; ++node) copies += watched->copies(node, m);
        ASSERT_LE(copies, rules.strategy.copies);
        if (bounded || seed % 4 == 0) continue;
        ASSERT_TRUE(copies == 0 || copies == rules.strategy.copies);
      }
    });
    InstantWorld world(source, plan, rules);
    watched = &world;
    const RunResult result = world.run();
    ListedContacts same = random_contacts_of(shape, seed);
    const RunResult best = run(same, plan, {.strategy = {.kind = Kind::epidemic}});
    std::uint64_t ended = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Outcome& outcome = result.outcomes[i];
      ended += outcome.carriers - 1 + (outcome.delivered ? 1 : 0);
      if (!outcome.delivered) continue;
      EXPECT_GE(outcome.hops, 1u);
      ASSERT_TRUE(best.outcomes[i].delivered);
      EXPECT_GE(*outcome.delivered, *best.outcomes[i].delivered);
    }
    EXPECT_EQ(result.totals.transfers_ended, ended);
    same.rewind();
    EXPECT_EQ(InstantWorld(same, plan, rules).run().event_hash, result.event_hash);
  }
}

TEST(InstantWorld, StopsWhenAllIsDelivered) {
  ListedContacts contacts(2, 100, {up(10, 0, 1), down(20, 0, 1), up(30, 0, 1)});
  const RunResult result =
      run(contacts, {message(0, 0, 1)}, {.strategy = {}, .stop_when_delivered = true});
  EXPECT_EQ(result.end, at_s(10));
  EXPECT_EQ(result.contacts, 1u);
}

}  // namespace
}  // namespace chaski::sim
