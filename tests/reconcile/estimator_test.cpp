// SPDX-License-Identifier: Apache-2.0
// Afraid of: an estimate that is far off and makes every meeting expensive.
#include "reconcile/estimator.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"

namespace chaski::reconcile {
namespace {

std::vector<ShortId> random_ids(base::Random& random, std::size_t count) {
  std::vector<ShortId> ids(count);
  for (ShortId& id : ids) id = 1 + random.below(kFieldMask);
  return ids;
}

std::vector<std::size_t> odd_places(const Parities& parities) {
  std::vector<std::size_t> odd;
  for (std::size_t p = 0; p < 8 * kParitiesSize; ++p) {
    if ((parities.bytes()[p / 8] >> (p % 8) & 1) != 0) odd.push_back(p);
  }
  return odd;
}

TEST(Parities, PlacesAreThoseOfTheDocument) {
  const std::pair<ShortId, std::size_t> places[] = {
      {0x800000000000, 0},        {0xFFFFFFFFFFFF, 63},       {0x820000000000, 1},
      {0x400000000000, 64},       {0x7FFFFFFFFFFF, 127},      {0x0040'0000'0000, 9 * 64},
      {0x0020'0000'0000, 640},    {0x003F'FFFF'FFFF, 671},    {0x0001'FFFF'FFFF, 831},
  };
  for (const auto& [id, place] : places) {
    Parities parities;
    parities.add(std::vector{id});
    EXPECT_EQ(odd_places(parities), std::vector{place}) << std::hex << id;
  }
  Parities parities;
  parities.add(std::vector<ShortId>{1, 0xFFFF'FFFF});
  EXPECT_TRUE(odd_places(parities).empty());
}

TEST(Parities, SharedIdsDoNotCount) {
  base::SeededRandom random(1);
  const auto shared = random_ids(random, 5'000);
  const auto extra = random_ids(random, 300);
  Parities with, without, alone, none;
  with.add(shared);
  with.add(extra);
  without.add(shared);
  alone.add(extra);
  EXPECT_EQ(estimate_difference(with.bytes(), without.bytes(), 13, 100'000),
            estimate_difference(alone.bytes(), none.bytes(), 13, 100'000));
}

TEST(Estimate, SpreadIsAboutASixth) {
  base::SeededRandom random(2);
  for (const std::size_t difference : {20u, 50u, 100u, 1'000u, 10'000u}) {
    double sum = 0, squares = 0;
    constexpr int kRuns = 100;
    for (int run = 0; run < kRuns; ++run) {
      Parities parities, none;
      parities.add(random_ids(random, difference));
      const double estimate = estimate_difference(parities.bytes(), none.bytes(), 13, 1e6);
      const double off = std::log(estimate / static_cast<double>(difference));
      sum += off;
      squares += off * off;
    }
    EXPECT_LT(std::abs(sum / kRuns), 0.06) << difference;
    EXPECT_LT(std::sqrt(squares / kRuns), 0.21) << difference;
  }
}

TEST(Estimate, StaysWithinItsBounds) {
  const base::Bytes zeros(kParitiesSize), ones(kParitiesSize, 0xFF);
  EXPECT_EQ(estimate_difference(zeros, zeros, 13, 100), 13);
  EXPECT_LE(estimate_difference(zeros, ones, 13, 100), 100);
  EXPECT_EQ(estimate_difference(zeros, ones, 40, 40), 40);
  EXPECT_GE(estimate_difference(zeros, ones, 13, 3.2e7), 13);
}

}  // namespace
}  // namespace chaski::reconcile
