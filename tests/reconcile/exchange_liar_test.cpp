// SPDX-License-Identifier: Apache-2.0
// Afraid of: a neighbour that makes an exchange crash, run for ever or eat memory with a few bytes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "reconcile/items.hpp"
#include "tests/reconcile/exchange_pair.hpp"

namespace chaski::reconcile::test {
namespace {

constexpr std::size_t kMemoryMax = 3 * 1024 * 1024;

/// Works until idle; the promise of every call is that this ends.
void settle(End& end, std::size_t pieces_max = 1'000'000) {
  while (end.exchange.work()) {
    ASSERT_GT(pieces_max--, 0u);
    ASSERT_LT(end.exchange.memory_used(), kMemoryMax);
  }
}

base::Bytes drain(End& end) {
  base::Bytes all, message(65'000);
  for (;;) {
    settle(end);
    const std::size_t size = end.exchange.write(message);
    if (size == 0) return all;
    all.insert(all.end(), message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size));
  }
}

void expect_each_once(const End& end, std::size_t ids) {
  const auto missing = end.sorted_missing();
  EXPECT_EQ(std::adjacent_find(missing.begin(), missing.end()), missing.end());
  EXPECT_LE(missing.size(), ids);
}

RC_GTEST_PROP(ExchangeLiar, RandomBytes, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const TwoSets sets(random, random.below(1'000), 0, 0);
  End end(random.below(2) == 0 ? Role::teller : Role::solver, sets.a);
  for (int i = 0; i < 50; ++i) {
    base::Bytes message(1 + random.below(2'000));
    random.fill(message);
    (void)end.exchange.receive(message);
    (void)drain(end);
  }
  expect_each_once(end, sets.a.size());
  RC_ASSERT(!::testing::Test::HasFailure());
}

/// An honest exchange in which one byte, or one message, is not what was sent.
RC_GTEST_PROP(ExchangeLiar, OneThingChanged, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const TwoSets sets(random, random.below(1'000), random.below(300), random.below(300));
  Pair pair(sets, 61 + random.below(500));
  for (int steps = 0; steps < 5'000 && !pair.idle(); ++steps) {
    pair.step(random);
    End& end = random.below(2) == 0 ? pair.teller : pair.solver;
    if (end.arriving.empty() || random.below(20) != 0) continue;
    base::Bytes& message = end.arriving.front();
    switch (random.below(4)) {
      case 0: message[random.below(message.size())] = static_cast<std::uint8_t>(random.below(256));
        break;
      case 1: message.pop_back(); break;
      case 2: end.arriving.push_back(message); break;
      default: end.arriving.pop_front(); break;
    }
    if (!end.arriving.empty() && end.arriving.front().empty()) end.arriving.pop_front();
  }
  for (End* end : {&pair.teller, &pair.solver}) {
    settle(*end);
    expect_each_once(*end, end == &pair.teller ? sets.a.size() : sets.b.size());
  }
  RC_ASSERT(!::testing::Test::HasFailure());
}

/// The opener of a set of `count` ids, of which the sketch is noise.
base::Bytes false_opener(Role role, std::uint32_t count, base::Random& random) {
  base::Bytes opener(3 + (role == Role::teller ? 36 * 6 : 12 * 6 + 104));
  random.fill(opener);
  for (std::size_t i = 0; i < 3; ++i) opener[i] = static_cast<std::uint8_t>(count >> (8 * i));
  return opener;
}

TEST(ExchangeLiar, EnormousClaimsCostNoMemory) {
  base::SeededRandom random(20);
  const TwoSets sets(random, 1'000, 0, 0);
  for (const Role role : {Role::teller, Role::solver}) {
    End end(role, sets.a);
    (void)drain(end);
    const Role liar = role == Role::teller ? Role::solver : Role::teller;
    EXPECT_TRUE(end.exchange.receive(false_opener(liar, 0xFFFFFF, random)));
    (void)drain(end);
    EXPECT_LT(end.exchange.memory_used(), 200'000u);
  }
}

/// A speaker that asks the same again and again, a little longer each time.
TEST(ExchangeLiar, SketchesThatNeverDecodeAreEnoughSoon) {
  base::SeededRandom random(22);
  const TwoSets sets(random, 10'000, 0, 0);
  End end(Role::solver, sets.a);
  (void)end.exchange.receive(false_opener(Role::teller, 10'000, random));
  (void)drain(end);
  base::Bytes split{kItemOldest, kItemSplit, 0xE8, 0x07};  // 1,000 parts
  (void)end.exchange.receive(split);
  int items = 0;
  for (; items < 100'000 && !end.exchange.failed(); ++items) {
    base::Bytes sketch(1 + 6 * kCapacityMax);
    random.fill(sketch);
    sketch[0] = kCapacityMax;
    (void)end.exchange.receive(sketch);
    (void)drain(end);
  }
  EXPECT_TRUE(end.exchange.failed());
  EXPECT_LT(items, 500);
  EXPECT_LT(end.exchange.memory_used(), 10'000u);
}

TEST(ExchangeLiar, WhoDoesNotWaitForAnswersIsCutOff) {
  base::SeededRandom random(23);
  const TwoSets sets(random, 1'000, 0, 0);
  End end(Role::solver, sets.a);
  bool taken = true;
  for (int i = 0; i < 100 && taken; ++i) taken = end.exchange.receive(base::Bytes(10'000, 0x55));
  EXPECT_FALSE(taken);
  EXPECT_TRUE(end.exchange.failed());
  EXPECT_FALSE(end.exchange.wants_to_send());
}

TEST(ExchangeLiar, WhatComesAfterTheEndIsIgnored) {
  base::SeededRandom random(24);
  const TwoSets sets(random, 500, 3, 3);
  Pair pair(sets, 225);
  pair.run(random);
  EXPECT_TRUE(pair.solver.exchange.receive(base::Bytes(100, 7)));
  EXPECT_FALSE(pair.solver.exchange.work());
  EXPECT_TRUE(pair.solver.exchange.finished());
  EXPECT_EQ(pair.solver.sorted_missing(), naive_missing(sets.b, sets.a));
}

/// Each breaks one rule of an answerer whose whole set is unsolved.
TEST(ExchangeLiar, ItemsAgainstTheRulesFail) {
  base::SeededRandom random(25);
  const TwoSets sets(random, 1'000, 0, 0);
  const std::vector<base::Bytes> items = {
      {kItemList, 0},                           // no part is due
      {kItemOldest, kItemOldest},               // nothing named
      {kItemOldest, 131},                       // no such code
      {kItemOldest, 15},                        // below the least capacity
      {kItemOldest, 36},                        // adds nothing
      {kItemOldest, 43},                        // adds too little
      {kItemOldest, kItemSplit, 1},             // not in two
      {kItemOldest, kItemSplit, 0x82, 0},       // not the shortest form
      {kItemOldest, kItemSplit, 0x80, 0x80, 4},  // 65,536 parts
      {kItemOldest, kItemList, 0x81, 8},        // 1,025 ids
      {kItemOldest, kItemSplit, 2, kItemSplit, 2},  // a part is split before it was told
  };
  for (const base::Bytes& item : items) {
    End end(Role::solver, sets.a);
    (void)end.exchange.receive(false_opener(Role::teller, 1'200, random));
    (void)drain(end);
    ASSERT_FALSE(end.exchange.finished() || end.exchange.failed());
    (void)end.exchange.receive(item);
    settle(end);
    EXPECT_TRUE(end.exchange.failed()) << "item " << &item - items.data();
  }
}

}  // namespace
}  // namespace chaski::reconcile::test
