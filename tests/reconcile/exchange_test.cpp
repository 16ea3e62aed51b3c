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
}

}  // namespace
}  // namespace chaski::reconcile::test
