// SPDX-License-Identifier: Apache-2.0
#include "e2ee/tag_chain.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.hpp"
#include "e2ee/skipped_keys.hpp"
#include "e2ee/tag_window.hpp"

namespace chaski::e2ee::test {
namespace {

TagChain chain_of(std::uint64_t seed) {
  base::SeededRandom random(seed);
  TagBlockKey key;
  random.fill(key.mutable_view());
  return TagChain(key);
}

TEST(TagChain, AnyWayToAMessageGivesTheSameKey) {
  TagChain walker = chain_of(1);
  const TagChain start = walker;
  std::vector<TagAndMask> all;
  for (int i = 0; i < 100; ++i) all.push_back(walker.next_with_mask());
  std::set<std::array<std::uint8_t, kHeaderSize>> masks;
  for (const auto& one : all) EXPECT_TRUE(masks.insert(one.mask).second);
  for (std::uint32_t from = 0; from < 100; ++from) {
    TagChain at = start;
    for (std::uint32_t i = 0; i < from; ++i) ASSERT_EQ(at.next(), all[i].tag);
    for (std::uint32_t to = from; to < 100; ++to) {
      const TagAndMask found = at.at(to).tag_and_mask();
      ASSERT_EQ(found.tag, all[to].tag);
      ASSERT_EQ(found.mask, all[to].mask);
    }
    const TagChain restored(at.block(), at.step_key(), at.index());
    ASSERT_EQ(restored.at(99).tag_and_mask().tag, all[99].tag);
    TagChain jumped = at;
    jumped.finish_block();
    ASSERT_EQ(jumped.index() % kTagBlockSize, 0u);
    ASSERT_GE(jumped.index(), from);
    while (jumped.index() < 96) {
      const std::uint32_t index = jumped.index();
      ASSERT_EQ(jumped.next_block(), all[index].tag);
      ASSERT_EQ(jumped.index(), index + kTagBlockSize);
    }
  }
}

TEST(TagChain, AZeroTagBecomesOne) {
  const std::uint8_t zero[8] = {};
  const auto tag = tag_from(zero);
  EXPECT_FALSE(tag.is_zero());
  EXPECT_EQ(tag.bytes.back(), 1);
  const std::uint8_t other[8] = {0, 0, 0, 7, 0, 0, 0, 0};
  EXPECT_TRUE(base::equal(tag_from(other).view(), other));
}

/// The tags that a window on message `base` must show, in the plainest way.
std::set<wire::DeliveryTag> expected(const TagChain& start, std::uint32_t base) {
  std::set<wire::DeliveryTag> out;
  for (std::uint32_t i = base; i < base + 64; ++i) out.insert(start.at(i).tag_and_mask().tag);
  std::uint32_t block = (base + 64 + 31) / 32;
  for (int i = 0; i < 32; ++i, ++block) out.insert(start.at(32 * block).tag_and_mask().tag);
  return out;
}

TEST(TagWindow, ShowsWhatItsRulesSayAtEveryStep) {
  const TagChain start = chain_of(2);
  TagWindow window(start);
  std::set<wire::DeliveryTag> table = expected(start, 0);
  for (std::uint32_t base = 0; base < 120; ++base) {
    std::vector<wire::DeliveryTag> shown;
    window.append_tags(0, shown);
    ASSERT_EQ(shown.size(), 96u);
    ASSERT_EQ(std::set(shown.begin(), shown.end()), table) << base;
    ASSERT_EQ(table, expected(start, base)) << base;
    for (std::uint32_t i = base; i < base + 1'300; i += 1 + i % 13) {
      const auto tag = start.at(i).tag_and_mask().tag;
      const auto found = window.find(tag);
      ASSERT_EQ(found.has_value(), table.contains(tag)) << base << ' ' << i;
      ASSERT_EQ(window.expects(i), table.contains(tag)) << base << ' ' << i;
      if (found) {
        ASSERT_EQ(*found, i);
      }
    }
    std::vector<wire::DeliveryTag> added;
    table.erase(window.advance(added));
    ASSERT_EQ(added.size(), 1u);
    table.insert(added.front());
  }
}

TEST(TagWindow, IsTheSameHoweverItCameThere) {
  TagChain start = chain_of(3);
  TagWindow moved(start);
  std::vector<wire::DeliveryTag> ignored;
  for (int i = 0; i < 77; ++i) moved.advance(ignored);
  for (int i = 0; i < 77; ++i) start.next();
  std::vector<wire::DeliveryTag> one;
  std::vector<wire::DeliveryTag> two;
  moved.append_tags(0, one);
  TagWindow(start).append_tags(0, two);
  EXPECT_EQ(one, two);
}

TEST(SkippedKeys, AgreesWithANaiveList) {
  base::SeededRandom random(4);
  SkippedKeys keys;
  std::vector<wire::DeliveryTag> oracle;  // oldest first
  for (int step = 0; step < 30'000; ++step) {
    const std::uint64_t what = random.below(100);
    if (what < 65 || oracle.empty()) {
      SkippedKey key;
      key.tag = random.bytes<wire::DeliveryTag>();
      random.fill(key.key.mutable_view());
      const auto evicted = keys.add(key);
      ASSERT_EQ(evicted.has_value(), oracle.size() == SkippedKeys::kMax);
      if (evicted) {
        ASSERT_EQ(*evicted, oracle.front());
        oracle.erase(oracle.begin());
      }
      oracle.push_back(key.tag);
    } else {
      const auto at = oracle.begin() + static_cast<std::ptrdiff_t>(random.below(oracle.size()));
      ASSERT_NE(keys.find(*at), nullptr);
      keys.remove(*at);
      ASSERT_EQ(keys.find(*at), nullptr);
      oracle.erase(at);
    }
    ASSERT_EQ(keys.size(), oracle.size());
    if (step % 500 == 0) {
      std::vector<wire::DeliveryTag> listed;
      keys.append_tags(listed);
      ASSERT_EQ(listed, oracle);
    }
  }
  EXPECT_EQ(keys.find(wire::DeliveryTag{}), nullptr);
}

}  // namespace
}  // namespace chaski::e2ee::test
