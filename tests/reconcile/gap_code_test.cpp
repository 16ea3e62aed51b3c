// SPDX-License-Identifier: Apache-2.0
// Afraid of: ranks that name other ids than were meant, and counts that make a reader allocate.
#include "reconcile/gap_code.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <set>

#include "base/random.hpp"

namespace chaski::reconcile {
namespace {

using Values = std::vector<std::uint64_t>;

void expect_round_trip(const Values& values, std::uint64_t range) {
  base::Bytes bytes;
  write_gaps(values, range, bytes);
  Values read;
  std::size_t used = 0;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_EQ(read_gaps(base::ByteView(bytes).first(size), values.size(), range, read, used),
              Read::more);
  }
  bytes.push_back(0xFF);  // what follows does not matter
  ASSERT_EQ(read_gaps(bytes, values.size(), range, read, used), Read::ok);
  ASSERT_EQ(used, bytes.size() - 1);
  ASSERT_EQ(read, values);
}

TEST(GapCode, AllSubsetsOfSmallRanges) {
  for (std::uint64_t range = 0; range <= 10; ++range) {
    for (unsigned chosen = 0; chosen < 1u << range; ++chosen) {
      Values values;
      for (std::uint64_t value = 0; value < range; ++value) {
        if ((chosen >> value & 1u) != 0) values.push_back(value);
      }
      expect_round_trip(values, range);
    }
  }
}

RC_GTEST_PROP(GapCode, RoundTrip, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const std::uint64_t range = 1 + random.below(std::uint64_t{1} << (1 + random.below(48)));
  std::set<std::uint64_t> chosen;
  for (std::uint64_t i = random.below(50); i > 0; --i) chosen.insert(random.below(range));
  expect_round_trip({chosen.begin(), chosen.end()}, range);
}

TEST(GapCode, SizeIsNearTheEntropy) {
  base::SeededRandom random(3);
  std::set<std::uint64_t> chosen;
  while (chosen.size() < 500) chosen.insert(random.below(100'000));
  base::Bytes bytes;
  write_gaps(Values(chosen.begin(), chosen.end()), 100'000, bytes);
  EXPECT_LT(static_cast<double>(bytes.size()) * 8 / 500, std::log2(100'000 / 500.0) + 1.6);
}

/// All byte strings of two bytes: an answer is in range and ascending, or none.
TEST(GapCode, NoBytesReadAsSomethingElse) {
  Values values;
  std::size_t used = 0;
  for (unsigned word = 0; word < 0x10000; ++word) {
    const base::Bytes bytes{static_cast<std::uint8_t>(word), static_cast<std::uint8_t>(word >> 8)};
    for (const std::size_t count : {1u, 2u, 3u, 5u}) {
      if (read_gaps(bytes, count, 7, values, used) != Read::ok) continue;
      ASSERT_EQ(values.size(), count);
      ASSERT_LT(values.back(), 7u);
      for (std::size_t i = 1; i < count; ++i) ASSERT_LT(values[i - 1], values[i]);
      base::Bytes again;
      write_gaps(values, 7, again);
      ASSERT_TRUE(base::equal(again, base::ByteView(bytes).first(used)));
    }
  }
}

TEST(GapCode, MoreValuesThanTheRangeHasAreRefusedAtOnce) {
  Values values;
  std::size_t used = 0;
  EXPECT_EQ(read_gaps({}, 8, 7, values, used), Read::bad);
  EXPECT_EQ(read_gaps({}, SIZE_MAX, 7, values, used), Read::bad);
  EXPECT_EQ(values.capacity(), 0u);
}

TEST(GapCode, Varints) {
  for (const std::uint32_t number : {0u, 1u, 127u, 128u, 300u, 16'384u, 0xFFFFFFFFu}) {
    base::Bytes bytes;
    write_varint(number, bytes);
    std::uint32_t read = 0;
    std::size_t used = 0;
    EXPECT_EQ(read_varint(base::ByteView(bytes).first(bytes.size() - 1), read, used), Read::more);
    EXPECT_EQ(read_varint(bytes, read, used), Read::ok);
    EXPECT_EQ(read, number);
    EXPECT_EQ(used, bytes.size());
  }
  std::uint32_t read = 0;
  std::size_t used = 0;
  EXPECT_EQ(read_varint(base::Bytes{0x80, 0}, read, used), Read::bad);
  EXPECT_EQ(read_varint(base::Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x10}, read, used), Read::bad);
  EXPECT_EQ(read_varint(base::Bytes(5, 0xFF), read, used), Read::bad);
}

}  // namespace
}  // namespace chaski::reconcile
