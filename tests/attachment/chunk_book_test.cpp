// SPDX-License-Identifier: Apache-2.0
#include "attachment/chunk_book.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <set>

namespace chaski::attachment::test {
namespace {

TEST(ChunkBook, AgreesWithASetOfChunks) {
  EXPECT_TRUE(rc::check("a book is a set that says what is useful", [] {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 1'500'000);
    const auto parity = *rc::gen::inRange<std::uint32_t>(0, 40);
    const auto plan = *ChunkPlan::make(size, *rc::gen::inRange<std::uint8_t>(0, 3), parity);
    ChunkBook book(plan);
    std::set<ChunkIndex> model;
    const auto in_group = [&](std::uint32_t group) {
      return static_cast<std::uint32_t>(
          std::count_if(model.begin(), model.end(), [&](ChunkIndex chunk) {
            return plan.place_of(chunk).group == group;
          }));
    };
    const auto steps = *rc::gen::container<std::vector<ChunkIndex>>(
        rc::gen::inRange<ChunkIndex>(0, plan.chunks()));
    for (const ChunkIndex chunk : steps) {
      const std::uint32_t group = plan.place_of(chunk).group;
      const auto added = book.add(chunk);
      if (model.contains(chunk)) {
        RC_ASSERT(added == ChunkBook::Added::duplicate);
      } else if (in_group(group) == plan.group_data(group)) {
        RC_ASSERT(added == ChunkBook::Added::surplus);
      } else {
        RC_ASSERT(added == ChunkBook::Added::useful);
        model.insert(chunk);
      }
      RC_ASSERT(book.useful() == model.size());
      RC_ASSERT(book.has(chunk) == model.contains(chunk));
    }
    for (std::uint32_t group = 0; group < plan.groups(); ++group) {
      RC_ASSERT(book.rows_here(group).size() == in_group(group));
      std::uint32_t data_here = 0;
      for (const std::uint32_t row : book.rows_here(group)) {
        RC_ASSERT(model.contains(plan.chunk_at({group, row})));
        if (row < kGroupDataMax) ++data_here;
      }
      for (const std::uint32_t row : book.data_missing(group)) {
        RC_ASSERT(!model.contains(plan.chunk_at({group, row})));
      }
      RC_ASSERT(book.data_missing(group).size() + data_here == plan.group_data(group));
    }
  }));
}

TEST(ChunkBook, IsCompleteExactlyWhenEveryGroupIs) {
  const auto plan = *ChunkPlan::make(3'000'000, 2, 20);
  ASSERT_GT(plan.groups(), 2U);
  ChunkBook book(plan);
  for (ChunkIndex chunk = plan.chunks(); chunk-- > 0;) {
    EXPECT_EQ(book.complete(), book.useful() == plan.data_chunks());
    book.add(chunk);
  }
  EXPECT_TRUE(book.complete());
  for (std::uint32_t group = 0; group < plan.groups(); ++group) {
    EXPECT_TRUE(book.group_complete(group));
    EXPECT_EQ(book.data_missing(group).size(), plan.parity());
  }
}

}  // namespace
}  // namespace chaski::attachment::test
