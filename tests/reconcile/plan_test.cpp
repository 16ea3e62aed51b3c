// SPDX-License-Identifier: Apache-2.0
// Afraid of: an answerer that never solves anything and keeps a speaker busy for ever.
#include "reconcile/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/random.hpp"
#include "reconcile/items.hpp"

namespace chaski::reconcile {
namespace {

struct Cost {
  double items = 0;
  double bytes = 0;
  double products = 0;  // ids times syndromes

  Cost& operator+=(const Cost& other) {
    items += other.items;
    bytes += other.bytes;
    products += other.products;
    return *this;
  }
};

/// All that is told of a partition of evenly spread ids when no sketch of it is ever solved.
Cost never_solved(std::size_t count, std::size_t known, const IdRange& range, unsigned depth) {
  const Plan plan = plan_unsolved(count, known, range, depth);
  Cost cost{1, 2, 0};
  switch (plan.way) {
    case Plan::Way::list:
      EXPECT_LE(count, kListMax);
      cost.bytes += static_cast<double>(list_size(count, range.high - range.low));
      return cost;
    case Plan::Way::sketch: {
      EXPECT_LE(plan.capacity, kCapacityMax);
      EXPECT_TRUE(plan.capacity >= known + kExtensionMin || plan.capacity == kCapacityMax);
      EXPECT_GT(plan.capacity, known);
      const auto more = static_cast<double>(plan.capacity - known);
      cost += {0, more * kSyndromeSize, more * static_cast<double>(count)};
      cost += never_solved(count, plan.capacity, range, depth);
      return cost;
    }
    case Plan::Way::split: break;
  }
  EXPECT_LT(depth, kDepthMax);
  for (std::uint32_t i = 0; i < plan.parts; ++i) {
    const std::size_t part = count * (i + 1) / plan.parts - count * i / plan.parts;
    if (plan.capacity == 0) {
      EXPECT_LE(part, kListMax);
      cost += {1, static_cast<double>(list_size(part, range.part(i, plan.parts).high -
                                                         range.part(i, plan.parts).low)), 0};
    } else {
      const auto told = static_cast<double>(plan.capacity);
      cost += {1, told * kSyndromeSize, told * static_cast<double>(part)};
      cost += never_solved(part, plan.capacity, range.part(i, plan.parts), depth + 1);
    }
  }
  return cost;
}

TEST(Plan, WhatIsNeverSolvedEndsInLists) {
  for (const std::size_t count : {0u, 1u, 36u, 37u, 100u, 1'000u, 10'000u, 100'000u, 1'000'000u}) {
    for (const std::size_t known : {16u, 36u, 90u, 128u}) {
      const Cost cost = never_solved(count, known, IdRange{}, 0);
      const auto ids = static_cast<double>(count);
      EXPECT_LT(cost.items, 200 + ids / 100) << count;
      EXPECT_LT(cost.bytes, 30'000 + 6 * ids) << count;
      EXPECT_LT(cost.products, 700 * ids + 1) << count;
    }
  }
}

TEST(Plan, WholeSets) {
  EXPECT_EQ(plan_whole(100'000, 36, 50).way, Plan::Way::sketch);
  EXPECT_EQ(plan_whole(100'000, 36, 13).capacity, 44u);  // something is added in any case
  EXPECT_EQ(plan_whole(100'000, 36, 1'000).way, Plan::Way::split);
  EXPECT_NEAR(plan_whole(100'000, 36, 1'000).parts, 11, 1);
  EXPECT_EQ(plan_whole(100'000, 36, 1'000).difference, 1'000u);
  EXPECT_EQ(plan_whole(100'000, 36, 90'000).difference, 0u);  // lists
  EXPECT_EQ(plan_whole(100'000, 36, 90'000).capacity, 0u);
  EXPECT_EQ(plan_whole(37, 36, 70).way, Plan::Way::list);
  EXPECT_LE(plan_whole(0xFFFFFF, 36, 33'000'000).parts, kPartsMax);
  EXPECT_LE(plan_whole(0xFFFFFF, 36, 5'000'000).parts, kPartsMax);
}

/// The oracle: the expected numbers in the parts, from the largest, of many random ones.
TEST(Plan, SharesAreWhatThePartsAreExpectedToNeed) {
  base::SeededRandom random(1);
  for (const auto& [parts, difference] : {std::pair{2u, 180u}, {5u, 450u}, {12u, 1'000u},
                                          {64u, 5'000u}}) {
    const Shares shares = plan_shares(parts, parts, difference);
    EXPECT_TRUE(shares.valid());
    std::vector<double> mean(parts);
    constexpr int kRuns = 300;
    for (int run = 0; run < kRuns; ++run) {
      std::vector<double> counts(parts);
      for (std::uint32_t i = 0; i < difference; ++i) ++counts[random.below(parts)];
      std::sort(counts.begin(), counts.end(), std::greater<>());
      for (std::size_t r = 0; r < parts; ++r) mean[r] += counts[r] / kRuns;
    }
    for (std::size_t r = 0; r < parts; ++r) {
      const auto told = static_cast<double>(shares.known(r + 1));
      EXPECT_NEAR(told, mean[r] + 6.5 - 5.0 / parts, 2) << r << " of " << parts;
    }
  }
}

TEST(Plan, SharesAreAlwaysAllowed) {
  base::SeededRandom random(2);
  for (int run = 0; run < 2'000; ++run) {
    const std::size_t all = 2 + random.below(run % 2 == 0 ? 100 : kPartsMax - 1);
    const std::size_t parts = 2 + random.below(std::min(all, kGroupMax) - 1);
    const auto difference = static_cast<std::uint32_t>(1 + random.below(33'000'000));
    Shares shares = plan_shares(parts, all, difference);
    ASSERT_TRUE(shares.valid());
    const std::size_t unsolved = 1 + random.below(parts);
    int rounds = 0;
    for (; shares.known(unsolved) < kCapacityMax; ++rounds) {
      const Shares more = plan_more(shares, unsolved);
      ASSERT_TRUE(more.valid_after(shares, unsolved));
      shares = more;
    }
    EXPECT_LE(rounds, 24);
  }
}

TEST(Plan, ListsHoldWhatOneItemMay) {
  for (const std::size_t count : {0u, 1u, 512u, 513u, 1'024u, 1'025u, 5'000u, 0xFFFFFFu}) {
    const Plan plan = plan_lists(count);
    EXPECT_LE(count / plan.parts, kListMax * 3 / 4) << count;
    EXPECT_EQ(plan.capacity, 0u);
  }
}

}  // namespace
}  // namespace chaski::reconcile
