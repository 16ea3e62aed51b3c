// SPDX-License-Identifier: Apache-2.0
// Afraid of: a sketch that another implementation, another arithmetic or another order of adding
// would not make.
#include "reconcile/sketch.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <numeric>

#include "base/hex.hpp"
#include "oracle.hpp"
#include "reconcile/sketch_with.hpp"

namespace chaski::reconcile::test {
namespace {

std::vector<Element> sketch(std::span<const ShortId> ids, std::size_t capacity) {
  std::vector<Element> sums(capacity);
  add_power_sums(ids, 0, sums);
  return sums;
}

base::Bytes bytes_of(std::span<const Element> sums) {
  base::Bytes bytes(sums.size() * kSyndromeSize);
  write_syndromes(sums, bytes);
  return bytes;
}

TEST(Sketch, OfNothingIsZero) {
  EXPECT_EQ(sketch({}, 5), std::vector<Element>(5));
  EXPECT_EQ(sketch(std::vector<ShortId>{7}, 0), std::vector<Element>());
}

TEST(Sketch, IsTheOddPowerSumsInOrderSixBytesLittleEndianEach) {
  // Of {x}: x, x^3, x^5 … x^47, x^49 = x (x^5 + x^3 + x^2 + 1): by hand from the modulus.
  const auto sums = sketch(std::vector<ShortId>{2}, 25);
  EXPECT_EQ(base::to_hex(bytes_of(std::span(sums).first(4))),
            "020000000000080000000000200000000000800000000000");
  EXPECT_EQ(base::to_hex(bytes_of(std::span(sums).last(2))), "0000000000805a0000000000");
  // Of {1, x}: 1 in each beside it.
  const auto both = sketch(std::vector<ShortId>{1, 2}, 25);
  EXPECT_EQ(base::to_hex(bytes_of(std::span(both).last(2))), "0100000000805b0000000000");
}

TEST(Sketch, IsThatOfTheOracleInEveryArithmetic) {
  base::SeededRandom random(3);
  for (const Kernel* kernel : all_kernels()) {
    for (const std::size_t size : {1u, 2u, 7u, 31u, 32u, 33u, 100u}) {
      for (const std::size_t capacity : {1u, 7u, 8u, 9u, 36u}) {
        for (const std::size_t first : {0u, 1u, 8u, 36u, 1000u}) {
          const auto ids = random_ids(random, size);
          std::vector<Element> sums(capacity);
          add_power_sums_with(*kernel, ids, first, sums);
          ASSERT_EQ(sums, naive_power_sums(ids, first, capacity))
              << to_string(kernel->arithmetic) << ' ' << size << ' ' << capacity << ' ' << first;
        }
      }
    }
  }
}

RC_GTEST_PROP(Sketch, ExtendedIsTheLongerOne, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const auto ids = random_ids(random, 1 + random.below(80));
  const std::size_t capacity = 1 + random.below(60);
  const std::size_t first = random.below(capacity);
  auto sums = sketch(ids, first);
  sums.resize(capacity);
  add_power_sums(ids, first, std::span(sums).subspan(first));
  RC_ASSERT(sums == sketch(ids, capacity));
}

RC_GTEST_PROP(Sketch, IsAddedToAndOfTwoSetsIsThatOfTheirDifference, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const auto all = random_ids(random, 60);
  const std::span<const ShortId> ids(all);
  const std::size_t from = random.below(30);
  const std::size_t to = 30 + random.below(31);
  // [0, to) against [from, 60): what differs is [0, from) and [to, 60).
  auto merged = sketch(ids.first(to), 20);
  add_power_sums(ids.subspan(from), 0, merged);
  std::vector<ShortId> difference(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(from));
  difference.insert(difference.end(), ids.begin() + static_cast<std::ptrdiff_t>(to), ids.end());
  RC_ASSERT(merged == sketch(difference, 20));
}

RC_GTEST_PROP(Sketch, IsReadAsItWasWritten, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  std::vector<Element> sums(random.below(20));
  for (Element& e : sums) e = random_element(random);
  std::vector<Element> again(sums.size());
  auto bytes = bytes_of(sums);
  bytes.insert(bytes.end(), random.below(kSyndromeSize), 0xEE);  // half a syndrome is none
  read_syndromes(bytes, again);
  RC_ASSERT(again == sums);
}

}  // namespace
}  // namespace chaski::reconcile::test
