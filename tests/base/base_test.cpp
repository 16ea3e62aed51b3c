// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/bytes.hpp"
#include "base/crc32.hpp"
#include "base/hex.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace chaski::base {
namespace {

TEST(Hex, RoundTripsAnyBytes) {
  EXPECT_TRUE(rc::check([](const Bytes& bytes) { RC_ASSERT(from_hex(to_hex(bytes)) == bytes); }));
}

TEST(Hex, RefusesOddAndForeignCharacters) {
  EXPECT_FALSE(from_hex("abc"));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_EQ(from_hex("0AfF"), (Bytes{0x0a, 0xff}));
}

TEST(TaggedBytes, TakesOnlyItsSize) {
  using Four = TaggedBytes<struct FourTag, 4>;
  EXPECT_FALSE(Four::from(Bytes{1, 2, 3}));
  EXPECT_FALSE(Four::from(Bytes{1, 2, 3, 4, 5}));
  ASSERT_TRUE(Four::from(Bytes{1, 2, 3, 4}));
  EXPECT_TRUE(Four{}.is_zero());
}

TEST(SeededRandom, ReplaysFromItsSeed) {
  SeededRandom a(7), b(7), c(8);
  const auto first = a.next_u64();
  EXPECT_EQ(first, b.next_u64());
  EXPECT_NE(first, c.next_u64());
}

TEST(Random, BelowStaysBelowAndMeetsEveryValue) {
  SeededRandom random(1);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6000; ++i) ++seen.at(random.below(6));
  for (const int count : seen) EXPECT_GT(count, 800);
  for (int i = 0; i < 1000; ++i) {
    const double unit = random.unit();
    EXPECT_GE(unit, 0.0);
    EXPECT_LT(unit, 1.0);
  }
}

template <class Clock>
concept HasNow = requires { Clock::now(); };
static_assert(!HasNow<NodeClock>, "the pure core is told the time");

TEST(Crc32, IsThatOfTheStandard) {
  EXPECT_EQ(crc32_value(crc32_update(kCrc32Start, as_bytes("123456789"))), 0xcbf43926U);
  EXPECT_EQ(crc32_value(crc32_update(kCrc32Start, {})), 0U);
  // In pieces it is the same: a session's names go before its packets.
  const auto half = crc32_update(kCrc32Start, as_bytes("12345"));
  EXPECT_EQ(crc32_value(crc32_update(half, as_bytes("6789"))), 0xcbf43926U);
}

}  // namespace
}  // namespace chaski::base
