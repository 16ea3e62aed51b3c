// SPDX-License-Identifier: Apache-2.0
// Afraid of: a neighbour lost when a list moves out of its row or back into it.
#include "sim/mobility/neighbour_lists.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

TEST(NeighbourLists, AreWhatSetsAre) {
  constexpr NodeIndex kNodes = 60;
  for (const std::uint64_t seed : test::seeds(10)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    base::SeededRandom random(seed);
    NeighbourLists lists(kNodes);
    std::vector<std::set<NodeIndex>> sets(kNodes);
    for (int i = 0; i < 20'000; ++i) {
      const auto a = static_cast<NodeIndex>(random.below(kNodes));
      const auto b = static_cast<NodeIndex>(random.below(kNodes));
      if (a == b) continue;
      ASSERT_EQ(lists.contains(a, b), sets[a].contains(b));
      // In waves from hardly anybody to nearly all, so that every list moves both ways.
      const bool wants = random.below(100) < ((i / 2'000) % 2 == 0 ? 95u : 5u);
      if (wants == sets[a].contains(b)) continue;
      if (wants) {
        lists.join(a, b);
        sets[a].insert(b);
        sets[b].insert(a);
      } else {
        lists.part(a, b);
        sets[a].erase(b);
        sets[b].erase(a);
      }
      for (const NodeIndex node : {a, b}) {
        const auto list = lists.of(node);
        ASSERT_TRUE(std::equal(list.begin(), list.end(), sets[node].begin(), sets[node].end()));
      }
    }
  }
}

}  // namespace
}  // namespace chaski::sim
