// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_plan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "e2ee/sealing.hpp"
#include "wire/padding.hpp"

namespace chaski::attachment::test {
namespace {

TEST(ChunkPlan, BodiesAreThePaddingClassesThatOtherMessagesHave) {
  for (const std::uint32_t size : kChunkBodySizes) EXPECT_TRUE(wire::is_padding_class(size));
}

TEST(ChunkPlan, EveryChunkHasOnePlaceAndEveryByteOneChunk) {
  EXPECT_TRUE(rc::check("places and chunks are the same thing", [] {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 4'000'000);
    const auto chunk_class = *rc::gen::inRange<std::uint8_t>(0, 6);
    const auto parity = *rc::gen::inRange<std::uint32_t>(0, kGroupParityMax + 1);
    const auto plan = ChunkPlan::make(size, chunk_class, parity);
    RC_ASSERT(plan.has_value());
    std::uint64_t bytes = 0;
    std::vector<std::uint32_t> in_group(plan->groups());
    for (ChunkIndex chunk = 0; chunk < plan->chunks(); ++chunk) {
      const auto place = plan->place_of(chunk);
      RC_ASSERT(plan->chunk_at(place) == chunk);
      RC_ASSERT((place.row < kGroupDataMax) == plan->is_data(chunk));
      ++in_group[place.group];
      if (!plan->is_data(chunk)) continue;
      RC_ASSERT(plan->offset_of(chunk) == bytes || plan->size_of(chunk) == 0);
      bytes += plan->size_of(chunk);
    }
    RC_ASSERT(bytes == size);
    for (std::uint32_t group = 0; group < plan->groups(); ++group) {
      RC_ASSERT(plan->group_data(group) >= 1 && plan->group_data(group) <= kGroupDataMax);
      RC_ASSERT(in_group[group] == plan->group_data(group) + parity);
    }
  }));
}

TEST(ChunkPlan, BoundsAreRefusedAndReached) {
  EXPECT_TRUE(ChunkPlan::make(kFileSizeMax, 5, kGroupParityMax));
  EXPECT_FALSE(ChunkPlan::make(kFileSizeMax + 1, 5, 0));
  EXPECT_FALSE(ChunkPlan::make(~std::uint64_t{0}, 5, 0));
  EXPECT_FALSE(ChunkPlan::make(1, 6, 0));
  EXPECT_FALSE(ChunkPlan::make(1, 0, kGroupParityMax + 1));
  // Small chunks of a huge file would be more than anybody wants to keep account of.
  const std::uint64_t most = kDataChunksMax * (kChunkBodySizes[0] - e2ee::kAeadTagSize);
  ASSERT_TRUE(ChunkPlan::make(most, 0, kGroupParityMax));
  EXPECT_EQ(ChunkPlan::make(most, 0, kGroupParityMax)->data_chunks(), kDataChunksMax);
  EXPECT_FALSE(ChunkPlan::make(most + 1, 0, 0));
}

TEST(ChunkPlan, ChosenPlansHaveEnoughChunksAndAFifthOfParity) {
  for (std::uint64_t size = 0; size < kFileSizeMax; size = size * 3 / 2 + 1) {
    const auto plan = ChunkPlan::choose(size);
    ASSERT_TRUE(plan) << size;
    if (plan->data_chunks() == 1) {
      EXPECT_EQ(plan->parity(), 0U);
      continue;
    }
    EXPECT_TRUE(plan->chunk_class() == 0 || plan->data_chunks() >= kChunksWanted) << size;
    for (std::uint32_t group = 0; group < plan->groups(); ++group) {
      const std::uint32_t all = plan->group_data(group) + plan->parity();
      EXPECT_GE(plan->parity() * 5, all) << size;
    }
  }
  EXPECT_FALSE(ChunkPlan::choose(kFileSizeMax + 1));
}

}  // namespace
}  // namespace chaski::attachment::test
