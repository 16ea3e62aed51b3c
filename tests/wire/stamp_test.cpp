// SPDX-License-Identifier: Apache-2.0
#include "wire/stamp.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"

namespace chaski::wire {
namespace {

StampSubject subject_of(std::uint64_t seed) {
  base::SeededRandom random(seed);
  return random.bytes<StampSubject>();
}

TEST(Stamp, FoundNonceHasTheBitsAndSlicesDoNotChangeIt) {
  for (unsigned bits = 0; bits <= 12; ++bits) {
    StampSearch whole(subject_of(bits), bits, 1'000);
    ASSERT_TRUE(whole.work(1u << 20));
    EXPECT_GE(stamp_bits(subject_of(bits), *whole.nonce()), bits);
    StampSearch sliced(subject_of(bits), bits, 1'000);
    while (!sliced.work(7)) ASSERT_LT(sliced.hashes_done(), 1u << 20);
    EXPECT_EQ(sliced.nonce(), whole.nonce());
    EXPECT_EQ(sliced.hashes_done(), whole.hashes_done());
    EXPECT_TRUE(sliced.work(7));
    EXPECT_EQ(sliced.hashes_done(), whole.hashes_done()) << "what is found is not looked for";
  }
}

TEST(Stamp, WorkOfOneCallIsBounded) {
  StampSearch search(subject_of(1), kStampBitsMax, 0);
  EXPECT_FALSE(search.work(100));
  EXPECT_EQ(search.hashes_done(), 100u);
}

TEST(Stamp, CostsWhatItSaysOnTheAverage) {
  constexpr unsigned kBits = 8;
  constexpr std::uint64_t kTimes = 400;
  std::uint64_t hashes = 0;
  for (std::uint64_t seed = 0; seed < kTimes; ++seed) {
    StampSearch search(subject_of(seed), kBits, 0);
    while (!search.work(1u << 10)) ASSERT_LT(search.hashes_done(), 1u << 16);
    hashes += search.hashes_done();
  }
  // The mean of 400 geometric variables: six deviations are 30 %.
  EXPECT_GT(hashes / kTimes, stamp_hashes(kBits) * 7 / 10);
  EXPECT_LT(hashes / kTimes, stamp_hashes(kBits) * 13 / 10);
}

TEST(Stamp, OfOneSubjectIsNoneOfAnother) {
  // A stamp of 12 bits has 12 bits for others by luck alone: once in 4,096.
  StampSearch search(subject_of(1), 12, 0);
  ASSERT_TRUE(search.work(1u << 20));
  unsigned lucky = 0;
  for (unsigned bit = 0; bit < 8 * StampSubject::kSize; ++bit) {
    StampSubject other = subject_of(1);
    other.bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    if (stamp_bits(other, *search.nonce()) >= 12) ++lucky;
  }
  EXPECT_LE(lucky, 2u);
}

TEST(Stamp, NonceGoesRoundAtItsEnd) {
  StampSearch search(subject_of(2), 10, UINT64_MAX - 3);
  ASSERT_TRUE(search.work(1u << 20));
  EXPECT_GE(stamp_bits(subject_of(2), *search.nonce()), 10u);
}

}  // namespace
}  // namespace chaski::wire
