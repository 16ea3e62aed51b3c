// SPDX-License-Identifier: Apache-2.0
// Afraid of: an estimate that is far off and makes every meeting expensive.
#include "reconcile/estimator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "base/random.hpp"

namespace chaski::reconcile {
namespace {

std::vector<ShortId> random_ids(base::Random& random, std::size_t count) {
  std::vector<ShortId> ids(count);
  for (ShortId& id : ids) id = 1 + random.below(kFieldMask);
  return ids;
}

Counters counted(unsigned bits, std::span<const ShortId> ids) {
  Counters counters(bits);
  counters.add(ids);
  return counters;
}

/// Those that are not 0.
std::map<std::size_t, unsigned> counts(const Counters& counters) {
  std::map<std::size_t, unsigned> found;
  for (std::size_t i = 0; i < counters.size(); ++i) {
    if (counters[i] != 0) found[i] = counters[i];
  }
  return found;
}

TEST(Counters, PlacesAreThoseOfTheDocument) {
  using Counts = std::map<std::size_t, unsigned>;
  EXPECT_EQ(counts(counted(3, std::vector<ShortId>{1})), (Counts{{0, 1}}));
  EXPECT_EQ(counts(counted(3, std::vector<ShortId>{0x8000'0000'0001})), (Counts{{0, 7}}));
  EXPECT_EQ(counts(counted(3, std::vector<ShortId>{0xFFFF'FFFF})), (Counts{{383, 1}}));
  EXPECT_EQ(counts(counted(6, std::vector<ShortId>{0x8000'0000})), (Counts{{96, 1}}));
  EXPECT_EQ(counts(counted(10, std::vector<ShortId>{0xFFFF'FFFF'FFFF})), (Counts{{114, 1'023}}));
  EXPECT_EQ(counts(counted(4, std::vector<ShortId>(17, 1))), (Counts{{0, 1}}));
}

TEST(Counters, BytesHoldThemFromTheLowestBit) {
  const auto bytes = counted(6, std::vector<ShortId>{1, 2, 0x8000'0000'0000 | 0x0155'5556}).bytes();
  EXPECT_EQ(bytes[0], 2 | 0xC0);  // counter 0 is 2, counter 1 is 63
  EXPECT_EQ(bytes[1], 0x0F);
  EXPECT_EQ(std::count(bytes.begin(), bytes.end(), 0), std::ptrdiff_t{kCountersSize - 2});
}

TEST(Counters, BitsFollowTheSizeOfTheSet) {
  const std::pair<std::size_t, unsigned> sizes[] = {
      {0, 3},       {3'400, 3},   {3'401, 4},   {11'000, 4},    {34'000, 5},     {100'000, 6},
      {110'001, 7}, {340'001, 8}, {1'000'000, 8}, {1'100'001, 9}, {3'400'001, 10}, {0xFFFFFF, 10}};
  for (const auto& [size, bits] : sizes) EXPECT_EQ(counter_bits(size), bits) << size;
}

TEST(Counters, SharedIdsDoNotCount) {
  base::SeededRandom random(1);
  const auto shared = random_ids(random, 5'000);
  const auto ours = random_ids(random, 200);
  const auto theirs = random_ids(random, 100);
  for (unsigned bits = 3; bits <= 10; ++bits) {
    Counters with(bits), without(bits), alone(bits);
    with.add(shared);
    with.add(ours);
    without.add(shared);
    without.add(theirs);
    with.subtract(without.bytes());
    alone.add(ours);
    alone.subtract(counted(bits, theirs).bytes());
    EXPECT_EQ(counts(with), counts(alone));
  }
}

/// The oracle: the same formula in floating point, at the angle that comes nearest.
double naive_estimate(const Counters& difference, unsigned m) {
  const double angle = 2 * std::acos(-1.0) / (1 << m);
  double sum = 0;
  for (std::size_t i = 0; i < difference.size(); ++i) sum += std::cos(angle * difference[i]);
  const auto size = static_cast<double>(difference.size());
  return -std::log(std::max(sum / size, 1.0 / 32)) / (1 - std::cos(angle)) * size;
}

TEST(Estimate, IsTheFormulaOfTheDocument) {
  base::SeededRandom random(2);
  for (int run = 0; run < 2'000; ++run) {
    const auto bits = static_cast<unsigned>(3 + random.below(8));
    const std::size_t difference = random.below(std::size_t{1} << random.below(16));
    const Counters counters = counted(bits, random_ids(random, difference));
    const double estimate = estimate_difference(counters);
    double nearest = 1e9;
    for (unsigned m = 3; m <= bits; ++m) {
      const double off = std::abs(naive_estimate(counters, m) - estimate);
      nearest = std::min(nearest, off / (1 + estimate / 200));
    }
    EXPECT_LT(nearest, 1) << difference << " of " << bits << " bits: " << estimate;
  }
}

TEST(Estimate, SpreadIsATenthUpToTheSizeOfTheSet) {
  for (const std::size_t set : {1'000u, 10'000u, 100'000u, 1'000'000u}) {
    for (const std::size_t difference : {36u, 100u, 300u, 1'000u, 10'000u}) {
      if (4 * difference > set) continue;
      base::SeededRandom random(3 + set + difference);
      double sum = 0, squares = 0;
      constexpr int kRuns = 400;
      for (int run = 0; run < kRuns; ++run) {
        const Counters counters = counted(counter_bits(set), random_ids(random, difference));
        const double estimate = estimate_difference(counters);
        const double off = std::log(estimate / static_cast<double>(difference));
        sum += off;
        squares += off * off;
      }
      EXPECT_LT(std::abs(sum / kRuns), 0.02) << difference << " of " << set;
      EXPECT_LT(std::sqrt(squares / kRuns), 0.13) << difference << " of " << set;
    }
  }
}

TEST(Estimate, ManyMoreDifferencesAreSaidToBeMany) {
  base::SeededRandom random(4);
  for (const std::size_t set : {1'000u, 3'400u, 11'000u, 100'000u}) {
    const Counters counters = counted(counter_bits(set), random_ids(random, 2 * set));
    EXPECT_GT(estimate_difference(counters), set * 6 / 10) << set;
  }
}

TEST(Estimate, EveryBytesGiveANumber) {
  base::SeededRandom random(5);
  for (unsigned bits = 3; bits <= 10; ++bits) {
    EXPECT_EQ(estimate_difference(Counters(bits)), 0u);
    Counters noise(bits), half(bits);
    base::Bytes bytes(kCountersSize);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.below(256));
    noise.subtract(bytes);
    EXPECT_LT(estimate_difference(noise), 40'000'000u);
    base::Bytes opposite(kCountersSize);  // every counter half a turn
    for (std::size_t i = 0; i < half.size(); ++i) {
      const std::size_t bit = i * bits + bits - 1;
      opposite[bit / 8] = static_cast<std::uint8_t>(opposite[bit / 8] | 1u << (bit % 8));
    }
    half.subtract(opposite);
    EXPECT_LT(estimate_difference(half), 40'000'000u);
    EXPECT_GT(estimate_difference(half), half.size());
  }
}

/// The same on every processor: figures of one that are not to change.
TEST(Estimate, IsTheSameEverywhere) {
  base::SeededRandom random(6);
  std::vector<std::uint32_t> estimates;
  for (const std::size_t difference : {5u, 50u, 500u, 5'000u, 50'000u}) {
    estimates.push_back(estimate_difference(counted(6, random_ids(random, difference))));
  }
  EXPECT_EQ(estimates, (std::vector<std::uint32_t>{5, 49, 532, 4'991, 43'931}));
}

}  // namespace
}  // namespace chaski::reconcile
