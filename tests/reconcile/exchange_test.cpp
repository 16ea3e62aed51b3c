// SPDX-License-Identifier: Apache-2.0
// Afraid of: an envelope that is never offered because an exchange said that the other side has it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/reconcile/exchange_pair.hpp"

namespace chaski::reconcile::test {
namespace {

void expect_exact(const TwoSets& sets, const Pair& pair) {
  EXPECT_TRUE(pair.teller.exchange.finished());
  EXPECT_TRUE(pair.solver.exchange.finished());
  EXPECT_EQ(pair.teller.sorted_missing(), naive_missing(sets.a, sets.b));
  EXPECT_EQ(pair.solver.sorted_missing(), naive_missing(sets.b, sets.a));
}

RC_GTEST_PROP(Exchange, FindsExactlyTheDifference, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const std::size_t total = random.below(2'001);
  const std::size_t different = total == 0 ? 0 : random.below(total + 1);
  const std::size_t only_a = random.below(different + 1);
  const TwoSets sets(random, total - different, only_a, different - only_a);
  Pair pair(sets, 61 + (random.below(2) == 0 ? random.below(200) : random.below(65'000)));
  pair.run(random);
  expect_exact(sets, pair);
  RC_ASSERT(!::testing::Test::HasFailure());
}

RC_GTEST_PROP(Exchange, IdsThatAreThereTwiceAreMissing, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  TwoSets sets(random, random.below(200), random.below(100), random.below(100));
  for (Ids* ids : {&sets.a, &sets.b}) {
    for (std::uint64_t copies = random.below(20); copies > 0 && !ids->empty(); --copies) {
      ids->push_back((*ids)[random.below(ids->size())]);
    }
  }
  Pair pair(sets, 225);
  pair.run(random);
  expect_exact(sets, pair);
  RC_ASSERT(!::testing::Test::HasFailure());
}

/// The border between openers that list and openers that sketch, and between who speaks.
TEST(Exchange, EverySmallShape) {
  base::SeededRandom random(5);
  for (const std::size_t shared : {0u, 1u, 30u, 36u, 37u, 100u}) {
    for (const std::size_t only_a : {0u, 1u, 4u, 5u, 6u, 35u, 36u, 37u, 70u, 200u}) {
      for (const std::size_t only_b : {0u, 1u, 4u, 5u, 6u, 35u, 36u, 37u, 70u, 200u}) {
        const TwoSets sets(random, shared, only_a, only_b);
        Pair pair(sets, 225);
        pair.run(random);
        expect_exact(sets, pair);
        ASSERT_FALSE(HasFailure()) << shared << " shared, " << only_a << " and " << only_b;
      }
    }
  }
}

/// Short ids that lie close together, as salted hashes never do, need more splits than are allowed:
/// that ends in failure and not in a wrong answer.
TEST(Exchange, CrowdedIdsFailClosed) {
  base::SeededRandom random(6);
  TwoSets sets(random, 0, 0, 0);
  for (ShortId id = 1; id <= 3'000; ++id) {
    if (id % 3 != 0) sets.a.push_back(id);
    if (id % 5 != 0) sets.b.push_back(id);
  }
  Pair pair(sets, 1'000);
  pair.run(random);
  EXPECT_TRUE(pair.teller.exchange.failed() || pair.solver.exchange.failed());
  EXPECT_FALSE(pair.teller.exchange.finished() || pair.solver.exchange.finished());
}

struct Known {
  int teller;  // half round trips
  int solver;
};

Known half_round_trips(const TwoSets& sets) {
  Pair pair(sets, 65'000);
  Known known{-1, -1};
  for (int half = 1; pair.half_round_trip(); ++half) {
    if (known.teller < 0 && pair.teller.exchange.finished()) known.teller = half;
    if (known.solver < 0 && pair.solver.exchange.finished()) known.solver = half;
  }
  expect_exact(sets, pair);
  return known;
}

TEST(Exchange, EqualSetsAndFewDifferencesNeedOneMessageEachWay) {
  base::SeededRandom random(7);
  for (const std::size_t different : {0u, 1u, 4u}) {
    const TwoSets sets(random, 1'000, different / 2, different - different / 2);
    Pair pair(sets, 225);
    pair.run(random);
    expect_exact(sets, pair);
    EXPECT_EQ(pair.messages, 2u);
    const Known known = half_round_trips(sets);
    EXPECT_EQ(known.teller, 1);
    EXPECT_EQ(known.solver, 1);
  }
}

TEST(Exchange, ThirtySixDifferencesAreSolvedAtHalfAndAnsweredAtOne) {
  base::SeededRandom random(8);
  const Known known = half_round_trips(TwoSets(random, 1'000, 18, 18));
  EXPECT_EQ(known.solver, 1);
  EXPECT_EQ(known.teller, 2);
}

TEST(Exchange, MoreDifferencesTakeOneRoundTripAndAHalfMostly) {
  base::SeededRandom random(9);
  int fast = 0;
  for (int run = 0; run < 20; ++run) {
    fast += half_round_trips(TwoSets(random, 3'000, 150, 150)).teller <= 3 ? 1 : 0;
  }
  EXPECT_GE(fast, 10);
}

TEST(Exchange, TheSmallerSetIsListedWhenTheOtherIsMuchLarger) {
  base::SeededRandom random(10);
  const TwoSets sets(random, 100, 4'000, 20);
  const Known known = half_round_trips(sets);
  EXPECT_EQ(known.teller, 2);
  EXPECT_EQ(known.solver, 3);
  Pair pair(sets, 65'000);
  pair.run(random);
  EXPECT_LT(pair.teller.exchange.counts().bytes_sent, 1'000u);
  EXPECT_LT(pair.solver.exchange.counts().bytes_sent, 1'000u);
}

TEST(Exchange, PastHalfTheSetAListIsCheaperThanSketches) {
  base::SeededRandom random(11);
  const TwoSets sets(random, 100, 3'000, 3'000);
  Pair pair(sets, 65'000);
  pair.run(random);
  expect_exact(sets, pair);
  EXPECT_LT(pair.teller.exchange.counts().bytes_sent, 3'100u * 5);  // 48 - log2(3100) + 1.5 bits
}

/// Several groups, some of them with longer rows in a second round, in any order of events.
TEST(Exchange, ManyGroups) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    base::SeededRandom random(seed);
    const TwoSets sets(random, 40'000, 4'000 * seed, 1'000);
    Pair pair(sets, 1'000);
    pair.run(random);
    expect_exact(sets, pair);
    const std::size_t different = 4'000 * seed + 1'000;
    const auto& teller = pair.teller.exchange.counts();
    EXPECT_LT(teller.bytes_sent, different * 11);
    EXPECT_GT(pair.solver.exchange.counts().sketches_decoded, different / 130);
  }
}

TEST(Exchange, MemoryIsTwelveBytesAnIdAndIsFreed) {
  base::SeededRandom random(12);
  const TwoSets sets(random, 50'000, 20, 20);
  Exchange exchange(Role::teller);
  exchange.reserve(sets.a.size());
  for (const ShortId id : sets.a) exchange.add(id);
  exchange.start();
  std::size_t most = 0;
  do most = std::max(most, exchange.memory_used());
  while (exchange.work());
  EXPECT_LT(most, sets.a.size() * 13 + 10'000);
  Pair pair(sets, 225);
  pair.run(random);
  EXPECT_LT(pair.teller.exchange.memory_used(), 10'000u);
  EXPECT_LT(pair.solver.exchange.memory_used(), 10'000u);
}

}  // namespace
}  // namespace chaski::reconcile::test
