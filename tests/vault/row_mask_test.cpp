// SPDX-License-Identifier: Apache-2.0
// Which of the carried envelopes were written here must not be seen in the database.
#include "vault/row_mask.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <set>

#include "base/random.hpp"

namespace chaski::vault {
namespace {

MaskKey key_of(std::uint64_t seed) {
  base::SeededRandom random(seed);
  MaskKey key;
  random.fill(key.mutable_view());
  return key;
}

TEST(RowMask, ComesOffUnderItsKeyAlone) {
  base::SeededRandom random(1);
  const MaskKey key = key_of(2);
  const MaskKey other = key_of(3);
  for (std::uint64_t row = 1; row < 200; ++row) {
    const auto id = random.bytes<base::TaggedBytes<struct IdTag, 16>>();
    const Origin origin{.depositor = row % 2 == 0 ? random.next_u64() : 0, .own = row % 3 == 0};
    const auto masked = mask(origin, key, id.view(), row);
    EXPECT_EQ(unmask(masked, key, id.view(), row), origin);
    EXPECT_FALSE(unmask(masked, other, id.view(), row));
    EXPECT_FALSE(unmask(masked, key, id.view(), row + 1));
    const auto other_id = random.bytes<base::TaggedBytes<struct IdTag, 16>>();
    EXPECT_FALSE(unmask(masked, key, other_id.view(), row));
  }
}

TEST(RowMask, OwnOnesCannotBeToldFromOthers) {
  const MaskKey key = key_of(2);
  const base::Bytes id(16, 7);
  std::set<MaskedOrigin> seen;
  int ones = 0;
  for (std::uint64_t row = 1; row <= 1'000; ++row) {
    const auto masked = mask({.depositor = 0, .own = true}, key, id, row);
    EXPECT_TRUE(seen.insert(masked).second) << "a mask twice";
    for (const auto byte : masked) ones += std::popcount(byte);
  }
  EXPECT_NEAR(ones, 64'000, 900);  // five standard deviations
}

}  // namespace
}  // namespace chaski::vault
