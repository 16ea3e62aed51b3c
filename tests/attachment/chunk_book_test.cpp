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

TEST(ChunkBook, IsKeptPageByPage) {
  EXPECT_TRUE(rc::check("what was saved is loaded, and nothing else is", [] {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 20'000'000);
    const auto plan = *ChunkPlan::make(size, 0, *rc::gen::inRange<std::uint32_t>(0, 40));
    ChunkBook book(plan);
    const auto chunks = *rc::gen::container<std::vector<ChunkIndex>>(
        rc::gen::inRange<ChunkIndex>(0, plan.chunks()));
    for (const ChunkIndex chunk : chunks) book.add(chunk);
    ChunkBook again(plan);
    for (std::uint32_t page = 0; page < book.pages(); ++page) {
      base::Bytes saved = book.save_page(page);
      RC_ASSERT(again.load_page(page, saved));
      saved.push_back(0);
      RC_ASSERT(!ChunkBook(plan).load_page(page, saved));
    }
    RC_ASSERT(again.useful() == book.useful());
    for (ChunkIndex chunk = 0; chunk < plan.chunks(); ++chunk) {
      RC_ASSERT(again.has(chunk) == book.has(chunk));
    }
    RC_ASSERT(!again.load_page(book.pages(), {}));
  }));
}

TEST(ChunkBook, RowsThatAreNotOfThePlanAreRefused) {
  const auto plan = *ChunkPlan::make(3'000, 0, 1);  // two rows of data, one of parity
  base::Bytes page(32);
  page[0] = 4;  // row 2
  EXPECT_FALSE(ChunkBook(plan).load_page(0, page));
  page[0] = 0;
  page[16] = 2;  // row 129
  EXPECT_FALSE(ChunkBook(plan).load_page(0, page));
  page[16] = 1;  // row 128
  EXPECT_TRUE(ChunkBook(plan).load_page(0, page));
}

TEST(ChunkBook, ARebuiltGroupHasItsDataAndNoParity) {
  const auto plan = *ChunkPlan::make(3'000, 0, 1);
  ChunkBook book(plan);
  book.add(0);
  book.add(2);
  ASSERT_TRUE(book.group_complete(0));
  EXPECT_EQ(book.data_missing(0), std::vector<std::uint32_t>{1});
  book.rebuilt(0);
  EXPECT_TRUE(book.complete());
  EXPECT_TRUE(book.has(1));
  EXPECT_FALSE(book.has(2));
  EXPECT_TRUE(book.data_missing(0).empty());
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

TEST(ChunkBook, OfATerabyteCostsNothingUntilItComes) {
  const auto plan = ChunkPlan::make(kFileSizeMax, 5, 32);
  ASSERT_TRUE(plan.has_value());
  ChunkBook book(*plan);
  EXPECT_EQ(book.pages_held(), 0);
  EXPECT_FALSE(book.has(plan->chunks() - 1));
  EXPECT_FALSE(book.group_complete(plan->groups() - 1));
  EXPECT_EQ(book.add(plan->chunks() - 1), ChunkBook::Added::useful);
  EXPECT_EQ(book.add(0), ChunkBook::Added::useful);
  EXPECT_EQ(book.pages_held(), 2);
  EXPECT_TRUE(book.has(plan->chunks() - 1));
  EXPECT_EQ(book.add(plan->chunks() - 1), ChunkBook::Added::duplicate);
  book.let_go();
  EXPECT_EQ(book.pages_held(), 0);
  EXPECT_FALSE(book.has(0));
  EXPECT_EQ(book.useful(), 2) << "what is told of a file that ended";
}

}  // namespace
}  // namespace chaski::attachment::test
