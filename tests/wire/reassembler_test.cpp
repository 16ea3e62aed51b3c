// SPDX-License-Identifier: Apache-2.0
#include "wire/reassembler.hpp"

#include <gtest/gtest.h>

namespace chaski::wire {
namespace {

using base::Bytes;
using base::ByteView;

Bytes pattern(std::size_t size, std::uint8_t seed) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(seed + 31 * i);
  return out;
}

struct Sender {
  std::uint32_t id;
  Bytes whole;
  RecordType type = RecordType::envelope;

  Fragment piece(std::size_t offset, std::size_t size) const {
    return {id, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(whole.size()), type,
            ByteView(whole).subspan(offset, std::min(size, whole.size() - offset))};
  }
};

TEST(Reassembler, PutsPiecesTogether) {
  for (const std::size_t step : {1UL, 41UL, 999UL, 1'000UL}) {
    Reassembler reassembler;
    const Sender sender{3, pattern(1'000, 1), RecordType::reconcile};
    for (std::size_t at = 0; at < 1'000; at += step) {
      const auto done = reassembler.add(sender.piece(at, step));
      ASSERT_TRUE(done);
      ASSERT_EQ(done->has_value(), at + step >= 1'000);
      if (!*done) continue;
      EXPECT_EQ((*done)->type, RecordType::reconcile);
      EXPECT_TRUE(base::equal((*done)->payload, sender.whole));
    }
  }
}

TEST(Reassembler, SmallOnesPassALargeOne) {
  Reassembler reassembler;
  const Sender large{1, pattern(kRecordSizeMax, 1)};
  ASSERT_TRUE(reassembler.add(large.piece(0, 30'000)));
  for (std::uint32_t id = 2; id < 50; ++id) {
    const Sender small{id, pattern(100, static_cast<std::uint8_t>(id))};
    ASSERT_FALSE(reassembler.add(small.piece(0, 60))->has_value());
    const auto done = reassembler.add(small.piece(60, 40));
    ASSERT_TRUE(done->has_value());
    EXPECT_TRUE(base::equal((*done)->payload, small.whole));
  }
  const auto done = reassembler.add(large.piece(30'000, kRecordSizeMax));
  ASSERT_TRUE(done->has_value());
  EXPECT_TRUE(base::equal((*done)->payload, large.whole));
}

TEST(Reassembler, CountsWhatIsTooLargeAndKeepsNothingOfIt) {
  Reassembler reassembler({.envelope_max = 1'000, .bytes_max = 1'500});
  const Sender large{1, pattern(1'001, 1)};
  const Sender fits{2, pattern(1'000, 2)};
  const Sender beside{3, pattern(501, 3)};
  ASSERT_TRUE(reassembler.add(large.piece(0, 900)));
  EXPECT_EQ(reassembler.memory_used(), 0);
  EXPECT_TRUE(reassembler.is_open(1));
  ASSERT_TRUE(reassembler.add(fits.piece(0, 900)));
  ASSERT_TRUE(reassembler.add(beside.piece(0, 500)));
  EXPECT_LE(reassembler.memory_used(), 1'000);
  const auto none = reassembler.add(large.piece(900, 101));
  ASSERT_TRUE(none && none->has_value());
  EXPECT_EQ((*none)->type, RecordType::envelope);
  EXPECT_TRUE((*none)->payload.empty());
  EXPECT_EQ(reassembler.left_out(), 1'001);
  EXPECT_FALSE(reassembler.is_open(1));
  ASSERT_TRUE(reassembler.add(beside.piece(500, 1)));
  EXPECT_EQ(reassembler.left_out(), 501) << "it would fit, but not beside the other";
  const auto whole = reassembler.add(fits.piece(900, 100));
  ASSERT_TRUE(whole && whole->has_value());
  EXPECT_FALSE(reassembler.left_out());
  EXPECT_TRUE(base::equal((*whole)->payload, fits.whole));
  // A gap is one in what is not kept as well.
  ASSERT_TRUE(reassembler.add(large.piece(0, 900)));
  EXPECT_EQ(reassembler.add(large.piece(901, 100)).error(), WireError::malformed);
}

TEST(Reassembler, OtherRecordsHaveTheirOwnMemoryAndNoMore) {
  Reassembler reassembler({.envelope_max = 1'000, .bytes_max = 1'500});
  const Sender envelope{1, pattern(1'000, 1)};
  const Sender other{2, pattern(1'500, 2), RecordType::reconcile};
  const Sender more{3, pattern(100, 3), RecordType::reconcile};
  ASSERT_TRUE(reassembler.add(envelope.piece(0, 10)));
  ASSERT_TRUE(reassembler.add(other.piece(0, 10)));
  EXPECT_EQ(reassembler.add(more.piece(0, 10)).error(), WireError::no_room);
}

TEST(Reassembler, RefusesAGapAnOverlapAndALateStart) {
  const Sender sender{1, pattern(100, 1)};
  for (const std::size_t wrong : {0UL, 49UL, 51UL, 99UL}) {
    Reassembler reassembler;
    ASSERT_TRUE(reassembler.add(sender.piece(0, 50)));
    EXPECT_EQ(reassembler.add(sender.piece(wrong, 1)).error(), WireError::malformed) << wrong;
  }
  Reassembler reassembler;
  EXPECT_EQ(reassembler.add(sender.piece(1, 10)).error(), WireError::malformed);
}

TEST(Reassembler, RefusesAChangedTotalOrType) {
  const Sender sender{1, pattern(100, 1)};
  const Sender longer{1, pattern(101, 1)};
  const Sender other{1, pattern(100, 1), RecordType::reconcile};
  for (const Sender* second : {&longer, &other}) {
    Reassembler reassembler;
    ASSERT_TRUE(reassembler.add(sender.piece(0, 50)));
    EXPECT_EQ(reassembler.add(second->piece(50, 10)).error(), WireError::malformed);
  }
}

TEST(Reassembler, RefusesImpossiblePieces) {
  Reassembler reassembler;
  const Bytes data(10);
  EXPECT_EQ(reassembler.add({1, 0, 0, RecordType::envelope, {}}).error(), WireError::malformed);
  EXPECT_EQ(reassembler.add({1, 0, 9, RecordType::envelope, data}).error(), WireError::malformed);
  EXPECT_EQ(reassembler.add({1, 0, kRecordSizeMax + 1, RecordType::envelope, data}).error(),
            WireError::oversized);
  EXPECT_EQ(reassembler.memory_used(), 0U);
}

TEST(Reassembler, KeepsFourTransfersAndNoMore) {
  Reassembler reassembler;
  for (std::uint32_t id = 0; id < Reassembler::kTransfersMax; ++id) {
    ASSERT_TRUE(reassembler.add(Sender{id, pattern(100, 1)}.piece(0, 10)));
  }
  const Sender fifth{9, pattern(100, 1)};
  EXPECT_EQ(reassembler.add(fifth.piece(0, 10)).error(), WireError::no_room);
  ASSERT_TRUE(reassembler.add(Sender{2, pattern(100, 1)}.piece(10, 90))->has_value());
  EXPECT_TRUE(reassembler.add(fifth.piece(0, 10))) << "one ended, one may begin";
}

TEST(Reassembler, TransferNumbersMayBeUsedAgain) {
  Reassembler reassembler;
  for (int i = 0; i < 3; ++i) {
    const Sender sender{5, pattern(100, static_cast<std::uint8_t>(i))};
    ASSERT_FALSE(reassembler.add(sender.piece(0, 50))->has_value());
    ASSERT_TRUE(reassembler.add(sender.piece(50, 50))->has_value());
  }
}

TEST(Reassembler, PromisesDoNotAllocate) {
  Reassembler reassembler;
  const Bytes byte(1);
  for (std::uint32_t id = 0; id < Reassembler::kTransfersMax; ++id) {
    ASSERT_TRUE(reassembler.add({id, 0, kRecordSizeMax, RecordType::envelope, byte}));
  }
  EXPECT_LE(reassembler.memory_used(), 64U);
}

TEST(Reassembler, MemoryIsBoundedAtEveryStep) {
  Reassembler reassembler;
  constexpr std::size_t kBound = Reassembler::kTransfersMax * kRecordSizeMax;
  const Bytes data = pattern(kRecordSizeMax, 3);
  constexpr std::size_t kStep = 997;
  for (std::size_t at = 0; at < kRecordSizeMax; at += kStep) {
    for (std::uint32_t id = 0; id < Reassembler::kTransfersMax; ++id) {
      const Sender sender{id, data};
      ASSERT_TRUE(reassembler.add(sender.piece(at, kStep)));
      ASSERT_LE(reassembler.memory_used(), kBound);
    }
  }
  reassembler.clear();
  EXPECT_EQ(reassembler.memory_used(), 0U);
}

TEST(Reassembler, TheLastPayloadIsGivenBackAtTheNextCall) {
  Reassembler reassembler;
  const Sender sender{1, pattern(5'000, 1)};
  ASSERT_TRUE(reassembler.add(sender.piece(0, 5'000))->has_value());
  EXPECT_GE(reassembler.memory_used(), 5'000U);
  ASSERT_TRUE(reassembler.add(Sender{2, pattern(10, 1)}.piece(0, 5)));
  EXPECT_LT(reassembler.memory_used(), 100U);
}

TEST(Reassembler, ClearForgets) {
  Reassembler reassembler;
  const Sender sender{1, pattern(100, 1)};
  ASSERT_TRUE(reassembler.add(sender.piece(0, 50)));
  reassembler.clear();
  EXPECT_EQ(reassembler.add(sender.piece(50, 50)).error(), WireError::malformed);
}

}  // namespace
}  // namespace chaski::wire
