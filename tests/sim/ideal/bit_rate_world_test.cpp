// SPDX-License-Identifier: Apache-2.0
// Afraid of: a node that is not looked at and had something to do, messages and copies out of
// nothing, buffers without an end, and figures that The ONE would not give.
#include "sim/ideal/bit_rate_world.hpp"

#include <gtest/gtest.h>

#include "sim/ideal/instant_world.hpp"
#include "sim/traffic/java_random.hpp"
#include "tests/seeds.hpp"
#include "tests/sim/ideal/naive_world.hpp"
#include "tests/sim/ideal/worlds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using Kind = Strategy::Kind;

constexpr Kind kAll[] = {Kind::direct,       Kind::epidemic,     Kind::two_hop,
                         Kind::spray_binary, Kind::spray_source, Kind::prophet};

/// Rules at random, and a world that keeps them busy.
struct Storm {
  RandomWorld shape;
  BitRateRules rules;
  MessagePlan plan;
};

Storm storm_of(std::uint64_t seed) {
  Storm storm;
  storm.shape.contact_s = 20 + static_cast<double>(seed % 7) * 10;
  storm.shape.grid_s = seed % 4 == 0 ? 20 : 0;
  storm.plan = random_plan_of(storm.shape, seed);
  if (seed % 3 == 1) {
    for (PlannedMessage& planned : storm.plan) planned.lifetime = 8min;
  }
  BitRateRules& rules = storm.rules;
  rules.strategy.kind = kAll[seed % std::size(kAll)];
  rules.strategy.copies = static_cast<std::uint16_t>(1 + seed % 11);
  rules.bytes_per_s = 1'000;
  rules.buffer_bytes = seed % 2 == 0 ? 25'000 : BitRateRules::kUnbounded;
  rules.queue = seed % 5 == 0 ? BitRateRules::Queue::fifo : BitRateRules::Queue::random;
  rules.random_update_order = seed % 7 != 0;
  rules.delete_delivered = seed % 8 == 3;
  rules.update_interval = seed % 9 == 0 ? 0ms : seed % 9 == 1 ? 1'000ms : 100ms;
  rules.seed = static_cast<std::uint16_t>(seed % 3);
  return storm;
}

void expect_same(const RunResult& a, const RunResult& b) {
  EXPECT_EQ(a.event_hash, b.event_hash);
  EXPECT_EQ(a.totals.transfers_begun, b.totals.transfers_begun);
  EXPECT_EQ(a.totals.transfers_ended, b.totals.transfers_ended);
  EXPECT_EQ(a.totals.transfers_aborted, b.totals.transfers_aborted);
  EXPECT_EQ(a.totals.copies_dropped, b.totals.copies_dropped);
  EXPECT_EQ(a.totals.copies_expired, b.totals.copies_expired);
  EXPECT_EQ(a.totals.copies_removed, b.totals.copies_removed);
  EXPECT_EQ(a.held_for, b.held_for);
}

TEST(BitRateWorld, LookingAtThoseConcernedIsLookingAtAll) {
  std::uint64_t looks = 0;
  std::uint64_t looks_at_all = 0;
  for (const std::uint64_t seed : test::seeds(90)) {
    SCOPED_TRACE(seed);
    Storm storm = storm_of(seed);
    ListedContacts contacts = random_contacts_of(storm.shape, seed);
    BitRateWorld quick(contacts, storm.plan, storm.rules);
    const RunResult result = quick.run();
    contacts.rewind();
    BitRateWorld again(contacts, storm.plan, storm.rules);
    expect_same(again.run(), result);
    contacts.rewind();
    storm.rules.look_at_all = true;
    // Without ticks there is no next look at all to wait for.
    if (storm.rules.update_interval == base::Duration::zero()) continue;
    BitRateWorld slow(contacts, storm.plan, storm.rules);
    expect_same(slow.run(), result);
    looks += quick.looks();
    looks_at_all += slow.looks();
  }
  EXPECT_LT(looks * 20, looks_at_all);
}

TEST(BitRateWorld, GivesWhatTheRulesGiveToWhoFollowsThemWithoutThrift) {
  for (const std::uint64_t seed : test::seeds(60)) {
    SCOPED_TRACE(seed);
    Storm storm = storm_of(seed);
    if (storm.rules.strategy.kind == Kind::prophet) continue;
    if (storm.rules.update_interval == base::Duration::zero()) storm.rules.update_interval = 300ms;
    storm.shape.end_s = 1'000;
    ListedContacts contacts = random_contacts_of(storm.shape, seed);
    storm.plan = random_plan_of(storm.shape, seed);
    if (seed % 3 == 1) {
      for (PlannedMessage& planned : storm.plan) planned.lifetime = 5min;
    }
    const RunResult result = BitRateWorld(contacts, storm.plan, storm.rules).run();
    NaiveWorld naive(contacts, storm.plan, storm.rules);
    naive.run();
    EXPECT_EQ(result.totals.transfers_begun, naive.begun);
    EXPECT_EQ(result.totals.transfers_ended, naive.ended);
    EXPECT_EQ(result.totals.transfers_aborted, naive.aborted);
    EXPECT_EQ(result.totals.copies_dropped, naive.dropped);
    EXPECT_EQ(result.totals.copies_expired, naive.expired);
    EXPECT_EQ(result.totals.copies_removed, naive.removed);
    for (std::uint32_t i = 0; i < storm.plan.size(); ++i) {
      const Outcome& outcome = result.outcomes[i];
      const auto found = naive.delivered.find(i);
      ASSERT_EQ(outcome.delivered.has_value(), found != naive.delivered.end()) << i;
      if (!outcome.delivered) continue;
      EXPECT_EQ(base::to_us(*outcome.delivered), found->second.first);
      EXPECT_EQ(outcome.hops, found->second.second);
    }
  }
}

/// Between the changes of contacts.
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

TEST(BitRateWorld, StormsKeepCopiesBuffersAndOrder) {
  for (const std::uint64_t seed : test::seeds(120)) {
    SCOPED_TRACE(seed);
    const Storm storm = storm_of(seed);
    ListedContacts contacts = random_contacts_of(storm.shape, seed);
    const BitRateWorld* world = nullptr;
    Watched source(contacts, [&] {
      if (world == nullptr) return;
      std::vector<std::uint32_t> copies(storm.plan.size());
      for (NodeIndex node = 0; node < storm.shape.nodes; ++node) {
        const MessageBuffer& buffer = world->buffer(node);
        if (storm.rules.buffer_bytes != BitRateRules::kUnbounded) {
          // Room is made when a transfer begins, and may be taken before it ends.
          ASSERT_LE(buffer.bytes(), storm.rules.buffer_bytes + storm.shape.size_max);
        }
        std::uint64_t bytes = 0;
        for (const HeldCopy& copy : buffer.all()) {
          bytes += copy.size_bytes;
          copies[copy.message] += copy.copies;
          ASSERT_EQ(copy.size_bytes, storm.plan[copy.message].size_bytes);
          ASSERT_NE(storm.plan[copy.message].to, node);
        }
        ASSERT_EQ(bytes, buffer.bytes());
      }
      if (!storm.rules.strategy.sprays()) return;
      for (const std::uint32_t sum : copies) ASSERT_LE(sum, storm.rules.strategy.copies);
    });
    BitRateWorld run(source, storm.plan, storm.rules);
    world = &run;
    const RunResult result = run.run();
    contacts.rewind();
    InstantRules instant;
    const RunResult best = InstantWorld(contacts, storm.plan, instant).run();
    std::uint64_t delivered = 0;
    for (std::size_t i = 0; i < storm.plan.size(); ++i) {
      const Outcome& outcome = result.outcomes[i];
      ASSERT_LE(outcome.carriers, storm.shape.nodes - 1);
      if (!outcome.delivered) continue;
      ++delivered;
      ASSERT_TRUE(best.outcomes[i].delivered);
      const auto seconds = std::chrono::duration<double>(
          static_cast<double>(storm.plan[i].size_bytes) / storm.rules.bytes_per_s);
      // Less than a byte may be left.
      EXPECT_GE(*outcome.delivered - *best.outcomes[i].delivered + 2ms, seconds);
    }
    const Totals& totals = result.totals;
    EXPECT_EQ(totals.messages_written, storm.plan.size());
    EXPECT_LE(totals.transfers_ended + totals.transfers_aborted, totals.transfers_begun);
    EXPECT_LE(totals.transfers_begun,
              totals.transfers_ended + totals.transfers_aborted + storm.shape.nodes / 2);
    EXPECT_EQ(result.held_for.size(),
              totals.copies_dropped + totals.copies_expired + totals.copies_removed);
    EXPECT_GE(totals.transfers_ended, delivered);
  }
}

/// A world of whole numbers, the same on every machine.
ListedContacts whole_contacts(std::uint32_t nodes, std::uint32_t end_s) {
  JavaRandom random(2'026);
  std::vector<ContactChange> changes;
  for (NodeIndex a = 0; a < nodes; ++a) {
    for (NodeIndex b = a + 1; b < nodes; ++b) {
      std::uint32_t s = random.below(2'000);
      while (s < end_s) {
        changes.push_back(up(s, a, b));
        s += 1 + random.below(80);
        if (s >= end_s) break;
        changes.push_back(down(s, a, b));
        s += 1 + random.below(2'000);
      }
    }
  }
  std::sort(changes.begin(), changes.end(), [](const auto& x, const auto& y) {
    return std::tie(x.at, x.up, x.a, x.b) < std::tie(y.at, y.up, y.a, y.b);
  });
  return {nodes, static_cast<double>(end_s), changes};
}

MessagePlan whole_plan(std::uint32_t nodes, base::Duration lifetime) {
  JavaRandom random(7);
  MessagePlan plan;
  for (std::uint32_t i = 1; i <= 100; ++i) {
    const NodeIndex from = random.below(nodes);
    const NodeIndex to = (from + 1 + random.below(nodes - 1)) % nodes;
    plan.push_back(message(i * 20, from, to, 100'000 + random.below(900'000)));
    plan.back().lifetime = lifetime;
    plan.back().name = "M" + std::to_string(i);
  }
  return plan;
}

struct Known {
  Kind kind;
  std::uint16_t copies;
  std::uint64_t begun;
  std::uint64_t ended;
  std::uint64_t aborted;
  std::uint64_t dropped;  ///< and expired
  int delivered;
  double latency_s;
  double hops;
};

// By the same rules in Java 17, with its HashMap, its shuffle and its doubles, every node updated
// at every tick of .1 s: 30 nodes, 4,000 s, 250 kB/s, buffers of 5 MB, lifetimes of 40 minutes.
TEST(BitRateWorld, GivesWhatTheOnesRulesGiveInJava) {
  const std::vector<Known> rows = {
      {Kind::direct, 6, 103, 100, 3, 81, 100, 614.6780, 1.0},
      {Kind::epidemic, 6, 9'999, 9'612, 387, 9'581, 50, 204.5540, 3.24},
      {Kind::spray_binary, 6, 579, 561, 18, 455, 100, 187.5870, 2.39},
      {Kind::spray_source, 10, 971, 946, 25, 777, 100, 190.3540, 1.77},
  };
  for (const Known& known : rows) {
    SCOPED_TRACE(static_cast<int>(known.kind));
    ListedContacts contacts = whole_contacts(30, 4'000);
    const MessagePlan plan = whole_plan(30, 40min);
    BitRateRules rules;
    rules.strategy = {.kind = known.kind, .copies = known.copies};
    const RunResult result = BitRateWorld(contacts, plan, rules).run();
    EXPECT_EQ(result.totals.transfers_begun, known.begun);
    EXPECT_EQ(result.totals.transfers_ended, known.ended);
    EXPECT_EQ(result.totals.transfers_aborted, known.aborted);
    EXPECT_EQ(result.totals.copies_dropped + result.totals.copies_expired, known.dropped);
    int delivered = 0;
    double latency_s = 0;
    double hops = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Outcome& outcome = result.outcomes[i];
      if (!outcome.delivered) continue;
      ++delivered;
      latency_s += static_cast<double>((*outcome.delivered - plan[i].at).count()) / 1e6;
      hops += outcome.hops;
    }
    EXPECT_EQ(delivered, known.delivered);
    EXPECT_NEAR(latency_s / delivered, known.latency_s, 1e-4);
    EXPECT_NEAR(hops / delivered, known.hops, 1e-4);
  }
}

}  // namespace
}  // namespace chaski::sim
