// SPDX-License-Identifier: Apache-2.0
// What goes when the store is full, and that nothing is lost by it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "liar.hpp"
#include "mesh-router/drop_policy.hpp"
#include "mesh-router/id_hash.hpp"

namespace chaski::mesh_router::test {
namespace {

// Few envelopes, all looked at in one choice, against looking for the least by hand.
RC_GTEST_PROP(DropPolicy, ChoosesTheLeastOfThoseThatMayGo,
              (const std::vector<std::array<std::uint8_t, 8>>& shapes, bool only_one)) {
  base::SeededRandom random(1);
  const IdHasher hasher(random);
  EnvelopeTable table;
  QuotaLedger quotas;
  DropPolicy policy(table, quotas);
  for (std::size_t i = 0; i < std::min<std::size_t>(shapes.size(), DropPolicy::kSampled); ++i) {
    const auto& shape = shapes[i];
    EnvelopeRecord record;
    record.id = random.bytes<wire::EnvelopeId>();
    record.kind = shape[0] % 8 == 0 ? wire::EnvelopeKind::receipt : wire::EnvelopeKind::sealed;
    record.size = 1u + shape[1];
    record.local = shape[2] % 8 == 0;
    record.priority = static_cast<wire::Priority>(shape[3] % 3);
    const Slot slot = table.insert(record, i, at(std::chrono::seconds(shape[4])),
                                   hasher(record.id), i);
    HeldEnvelope& held = table.at(slot);
    held.committed = shape[5] % 8 != 0;
    held.known_by = shape[6];
    held.account = quotas.charge(1u + shape[7] % 3, record.size);
    for (int keeper = 0; keeper < shape[6] % 4; ++keeper) {
      held.add_keeper(static_cast<std::uint64_t>(keeper % 2));
    }
    if (shape[7] % 8 == 0) {
      quotas.release(held.account, record.size);
      table.erase(slot, hasher(record.id));
    }
  }
  DropScope scope;
  if (only_one) scope.only = quotas.account_of(1);
  scope.fair_bytes = 500;
  const auto order = [&](Slot slot) {
    const HeldEnvelope& held = table.at(slot);
    return std::pair(quotas.bytes_of(held.account) <= 500, DropPolicy::worth(held, at(10s)));
  };
  const Slot chosen = policy.choose(scope, at(10s));
  std::size_t candidates = 0;
  for (Slot slot = 0; slot < table.slot_end(); ++slot) {
    const HeldEnvelope& held = table.at(slot);
    const bool may = held.live && held.committed && !held.local && !held.is_receipt &&
                     held.keepers == HeldEnvelope::kTwoKeepers &&
                     (!scope.only || held.account == *scope.only);
    if (!may) continue;
    ++candidates;
    RC_ASSERT(chosen != kNoSlot);
    RC_ASSERT(order(chosen) <= order(slot));
  }
  RC_ASSERT((chosen == kNoSlot) == (candidates == 0u));
}

TEST(DropPolicy, WhatManyHaveIsOldLargeOrBulkIsWorthLess) {
  HeldEnvelope held;
  held.lives_s = 1'000;
  held.size = 500;
  held.priority = 1;
  const auto worth = [](const HeldEnvelope& one) { return DropPolicy::worth(one, at(0s)); };
  HeldEnvelope known = held;
  known.known_by = 7;
  HeldEnvelope old = held;
  old.lives_s = 100;
  HeldEnvelope large = held;
  large.size = 5'000;
  HeldEnvelope bulk = held;
  bulk.priority = 0;
  for (const HeldEnvelope& less : {known, old, large, bulk}) EXPECT_LT(worth(less), worth(held));
  EXPECT_EQ(DropPolicy::worth(held, at(2'000s)), DropPolicy::worth(held, at(1'000s)));
}

TEST(HeldEnvelope, TwoDifferentNeighboursMakeTwoKeepers) {
  HeldEnvelope held;
  for (int i = 0; i < 3; ++i) held.add_keeper(7);
  EXPECT_NE(held.keepers, HeldEnvelope::kTwoKeepers) << "one neighbour is one, however often";
  held.add_keeper(8);
  EXPECT_EQ(held.keepers, HeldEnvelope::kTwoKeepers);
  held.add_keeper(7);
  EXPECT_EQ(held.keepers, HeldEnvelope::kTwoKeepers);
}

/// A station whose small store a neighbour filled, and two more neighbours that take what it sends.
struct FullStation {
  Net net;
  std::vector<wire::EnvelopeId> held;
  Liar source;
  Liar one;
  Liar two;

  explicit FullStation(std::uint64_t origin_of_two = 0)
      : source((net.add({}, 20'000).keeps_disk = false, net), 0, 1),
        one(net, 0, 2, 65'519, 77),
        two(net, 0, 3, 65'519, origin_of_two) {
    for (int i = 0; i < 200; ++i) {
      const Message message = make_message(net.random);
      source.carry(message.bytes);
      if (net[0].holds(message.id)) held.push_back(message.id);
    }
    EXPECT_GT(held.size(), 40u);
    EXPECT_LT(held.size(), 60u) << "its quota";
  }
  std::size_t still_held() {
    return static_cast<std::size_t>(std::count_if(
        held.begin(), held.end(), [&](const auto& id) { return net[0].holds(id); }));
  }
  bool takes_one_more() {
    const Message message = make_message(net.random);
    source.carry(message.bytes);
    return net[0].holds(message.id);
  }
};

TEST(Drop, WhatTwoNeighboursTookMakesRoom) {
  FullStation full;
  ASSERT_EQ(full.one.hear_envelopes().size(), full.held.size());
  ASSERT_EQ(full.two.hear_envelopes().size(), full.held.size());
  full.one.acknowledge(10);
  full.two.acknowledge(20);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(full.takes_one_more()) << i;
  EXPECT_EQ(full.still_held(), full.held.size() - 10);
  for (std::size_t i = 10; i < full.held.size(); ++i) EXPECT_TRUE(full.net[0].holds(full.held[i]));
  EXPECT_EQ(full.net[0].dropped(DropReason::displaced), 10u);
  EXPECT_FALSE(full.takes_one_more()) << "the others are in the custody of one at most";
}

// A black hole that takes everything cannot make a node drop anything, not even under two names.
TEST(Drop, OneLiarMakesNobodyLoseAnything) {
  FullStation full(77);
  full.one.acknowledge(full.one.hear_envelopes().size());
  full.two.acknowledge(full.two.hear_envelopes().size());
  EXPECT_FALSE(full.takes_one_more());
  EXPECT_EQ(full.still_held(), full.held.size());
}

// A neighbour that had it already may rely on this node in its turn: its word is no custody.
TEST(Drop, WhoKnewItAlreadyDoesNotCount) {
  FullStation full;
  const std::size_t sent = full.one.hear_envelopes().size();
  full.one.acknowledge(sent);
  ASSERT_EQ(full.two.hear_envelopes().size(), sent);
  for (std::uint64_t i = 1; i <= sent; ++i) full.two.refuse(i, wire::RefuseReason::known);
  full.two.acknowledge(sent);
  EXPECT_FALSE(full.takes_one_more());
  EXPECT_EQ(full.still_held(), full.held.size());
  EXPECT_EQ(full.net[0].events<CustodyEvent>().size(), 2 * sent) << "it has it all the same";
}

// One who has more than its share makes room from its own.
TEST(Drop, AFlooderDisplacesItsOwnFirst) {
  FullStation full;
  Liar honest(full.net, 0, 4);
  std::vector<wire::EnvelopeId> others;
  for (int i = 0; i < 10; ++i) {
    const Message message = make_message(full.net.random);
    honest.carry(message.bytes);
    others.push_back(message.id);
  }
  full.one.acknowledge(full.one.hear_envelopes().size());
  full.two.acknowledge(full.two.hear_envelopes().size());
  for (int i = 0; i < 500; ++i) full.takes_one_more();
  for (const auto& id : others) EXPECT_TRUE(full.net[0].holds(id));
}

// Whatever meets whomever, with stores that are always full: each envelope that a station took from
// somebody who then left is held by some station to the end.
RC_GTEST_PROP(Drop, WhatWasAcceptedIsAlwaysHeldBySomebody, ()) {
  const auto seed = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
  Net net(seed);
  constexpr std::size_t kStations = 6;
  for (std::size_t i = 0; i < kStations; ++i) net.add({}, 8'000).keeps_disk = false;
  std::vector<wire::EnvelopeId> accepted;
  for (int round = 0; round < 80; ++round) {
    const std::size_t a = net.random.below(kStations);
    const std::size_t b = net.random.below(kStations);
    if (a != b && !net.connected(a, b)) net.connect(a, b);
    if (net.random.below(3) == 0) net.disconnect_all(net.random.below(kStations));
    for (std::uint64_t i = net.random.below(4); i > 0; --i) {
      const std::size_t at_station = net.random.below(kStations);
      Liar visitor(net, at_station, net.random.below(1u << 20));
      const Message message = make_message(net.random);
      visitor.carry(message.bytes);
      if (net[at_station].holds(message.id)) accepted.push_back(message.id);
      visitor.leave();
    }
    for (std::uint64_t i = net.random.below(200); i > 0 && net.step(); --i) {
    }
    if (round % 10 == 0) net.run(4s);
  }
  std::size_t displaced = 0;
  for (std::size_t i = 0; i < kStations; ++i) displaced += net[i].dropped(DropReason::displaced);
  RC_CLASSIFY(displaced > 0, "displaced");
  for (const auto& id : accepted) {
    bool held = false;
    for (std::size_t i = 0; i < kStations; ++i) held = held || net[i].holds(id);
    RC_ASSERT(held);
  }
}

}  // namespace
}  // namespace chaski::mesh_router::test
