// SPDX-License-Identifier: Apache-2.0
// Afraid of: a position that names another id, and sorting that takes too long at once.
#include "reconcile/short_id_set.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/random.hpp"

namespace chaski::reconcile {
namespace {

void expect_like_naive(const std::vector<ShortId>& added) {
  std::map<ShortId, std::vector<std::uint32_t>> naive;
  ShortIdSet set;
  for (std::uint32_t i = 0; i < added.size(); ++i) {
    naive[added[i]].push_back(i);
    set.add(added[i]);
  }
  while (set.sort_some()) {
  }
  std::size_t position = 0;
  std::size_t repeated = 0;
  for (const auto& [id, indices] : naive) {
    ASSERT_EQ(set.below(id), position);
    ASSERT_EQ(set.contains(id), indices.size() == 1);
    if (indices.size() > 1) {
      repeated += indices.size();
      continue;
    }
    ASSERT_EQ(set.ids()[position], id);
    ASSERT_EQ(set.index(position++), indices[0]);
  }
  ASSERT_EQ(set.size(), position);
  ASSERT_EQ(set.repeated().size(), repeated);
  for (const std::uint32_t index : set.repeated()) ASSERT_GT(naive[added[index]].size(), 1u);
}

RC_GTEST_PROP(ShortIdSet, SortsLikeAMap, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const std::uint64_t bound = std::uint64_t{1} << (1 + random.below(48));  // small: many repeat
  std::vector<ShortId> added(random.below(3'000));
  for (ShortId& id : added) id = random.below(bound) == 0 ? 1 : random.below(bound);
  for (ShortId& id : added) id = id == 0 ? 1 : id;
  expect_like_naive(added);
  RC_ASSERT(!::testing::Test::HasFailure());
}

TEST(ShortIdSet, ManyPieces) {
  base::SeededRandom random(2);
  std::vector<ShortId> added(300'000);
  for (ShortId& id : added) id = 1 + random.below(kFieldMask);
  ShortIdSet set;
  for (const ShortId id : added) set.add(id);
  int pieces = 0;
  while (set.sort_some()) ++pieces;
  EXPECT_GT(pieces, 30);
  EXPECT_TRUE(std::is_sorted(set.ids().begin(), set.ids().end()));
  for (std::size_t i = 0; i < set.size(); ++i) ASSERT_EQ(added[set.index(i)], set.ids()[i]);
}

TEST(IdRange, PartsMeetAndCover) {
  for (const std::uint32_t parts : {1u, 2u, 3u, 7u, 65'535u}) {
    const IdRange whole;
    ShortId low = 0;
    for (std::uint32_t i = 0; i < parts; ++i) {
      const IdRange part = whole.part(i, parts);
      ASSERT_EQ(part.low, low);
      ASSERT_GT(part.high, part.low);
      low = part.high;
    }
    EXPECT_EQ(low, whole.high);
  }
}

}  // namespace
}  // namespace chaski::reconcile
