// SPDX-License-Identifier: Apache-2.0
// The hash tables, the queue and the envelope table against naive ones.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "mesh-router/duplicate_filter.hpp"
#include "mesh-router/envelope_table.hpp"
#include "mesh-router/expiry_tree.hpp"
#include "mesh-router/flat_index.hpp"
#include "mesh-router/hash_set.hpp"
#include "mesh-router/holdings.hpp"
#include "mesh-router/id_hash.hpp"
#include "mesh-router/packed48.hpp"
#include "mesh-router/ring.hpp"
#include "mesh-router/seen_set.hpp"
#include "station.hpp"

namespace chaski::mesh_router::test {
namespace {

TEST(IdHasher, IsKeyedAndNeverCallsADepositorZero) {
  base::SeededRandom random(1);
  const IdHasher one(random);
  const IdHasher other(random);
  const auto id = random.bytes<wire::EnvelopeId>();
  EXPECT_EQ(one(id), one(id));
  EXPECT_NE(one(id), other(id));
  EXPECT_NE(one.depositor(name_of(1)), 0u);
  EXPECT_NE(one.depositor(name_of(1)), one.depositor(name_of(2)));
}

// Few different values, so that clusters, erasures in their middle and wrap-around happen.
RC_GTEST_PROP(HashSet, IsASet, (const std::vector<std::pair<bool, std::uint8_t>>& steps)) {
  HashSet set;
  std::set<std::uint64_t> oracle;
  for (const auto& [add, small] : steps) {
    // 0 and 1 share one entry by design: ids hash there once in 2^63 times.
    const std::uint64_t hash = (small % 40u + 2u) | (small > 200 ? std::uint64_t{1} << 60 : 0);
    if (add) {
      RC_ASSERT(set.insert(hash) == oracle.insert(hash).second);
    } else {
      RC_ASSERT(set.erase(hash) == (oracle.erase(hash) == 1));
    }
    RC_ASSERT(set.size() == oracle.size());
  }
  for (std::uint64_t hash = 2; hash < 50; ++hash) {
    RC_ASSERT(set.contains(hash) == oracle.contains(hash));
  }
}

TEST(HashSet, TakesZeroAndAllocatesNothingWhileEmpty) {
  HashSet set;
  EXPECT_EQ(set.memory_used(), 0u);
  EXPECT_FALSE(set.contains(0));
  EXPECT_FALSE(set.erase(0));
  EXPECT_TRUE(set.insert(0));
  EXPECT_TRUE(set.contains(0));
  set.clear();
  EXPECT_FALSE(set.contains(0));
  EXPECT_EQ(set.memory_used(), 0u);
}

/// Few different hashes, some with the same home, some in other buckets.
std::uint64_t spread(std::uint64_t small) { return small << (small % 2 == 0 ? 27u : 0u); }

RC_GTEST_PROP(FlatIndex, IsAMultimapInOrderOfInsertion,
              (const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t>>& steps)) {
  FlatIndex index;
  std::multimap<std::uint64_t, std::uint32_t> oracle;
  const auto find = [&oracle](std::uint64_t hash, std::uint32_t value) {
    auto [at, end] = oracle.equal_range(hash);
    while (at != end && at->second != value) ++at;
    return at == end ? oracle.end() : at;
  };
  for (const auto& [action, small, value] : steps) {
    const std::uint64_t hash = spread(small % 20u);
    const auto known = find(hash, value);
    if (action % 3 < 2) {
      if (known != oracle.end()) continue;
      index.insert(hash, value);
      oracle.emplace(hash, value);
    } else {
      RC_ASSERT(index.erase(hash, value) == (known != oracle.end()));
      if (known != oracle.end()) oracle.erase(known);
    }
    RC_ASSERT(index.size() == oracle.size());
  }
  for (std::uint64_t small = 0; small < 20; ++small) {
    const std::uint64_t hash = spread(small);
    std::vector<std::uint32_t> found;
    index.find(hash, [&](std::uint32_t value) {
      found.push_back(value);
      return false;
    });
    std::vector<std::uint32_t> expected;
    for (auto [at, end] = oracle.equal_range(hash); at != end; ++at) expected.push_back(at->second);
    RC_ASSERT(found == expected);
  }
}

// Through many splits, with erasures on the way: everything is found, nothing else is, the memory
// follows, and no insertion moves more than a bounded part.
TEST(HashSet, GrowsInSmallStepsAndFindsEverything) {
  constexpr std::uint64_t kCount = 300'000;
  HashSet set;
  const auto key = [](std::uint64_t i) { return (i + 1) * 0x9E37'79B9'7F4A'7C15u; };
  std::size_t before = 0;
  std::size_t largest_step = 0;
  for (std::uint64_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(set.insert(key(i)));
    if (i % 3 == 2) {
      ASSERT_TRUE(set.erase(key(i / 2))) << i;
      ASSERT_FALSE(set.contains(key(i / 2))) << i;
      ASSERT_TRUE(set.insert(key(i / 2))) << i;
    }
    const std::size_t used = set.memory_used();
    largest_step = std::max(largest_step, used - std::min(used, before));
    if (i > 5'000) {
      ASSERT_LT(static_cast<double>(used) / static_cast<double>(i), 13.0) << i;
    }
    before = used;
  }
  EXPECT_LT(largest_step, 30'000u) << "a step that grows with the whole";
  for (std::uint64_t i = 0; i < kCount; ++i) ASSERT_TRUE(set.contains(key(i))) << i;
  for (std::uint64_t i = kCount; i < 2 * kCount; ++i) ASSERT_FALSE(set.contains(key(i))) << i;
}

TEST(Packed48, KeepsEveryNumberOf48Bits) {
  for (const std::int64_t near :
       {std::int64_t{0}, std::int64_t{1} << 16, std::int64_t{1} << 32, Packed48::kEnd - 3,
        -(std::int64_t{1} << 16), -(std::int64_t{1} << 32), 2 - Packed48::kEnd}) {
    for (std::int64_t value = near - 2; value <= near + 2; ++value) {
      EXPECT_EQ(Packed48(value).value(), value);
    }
  }
  EXPECT_EQ(Packed48().value(), 0);
  EXPECT_EQ(sizeof(Packed48), 6u);
}

// Against an array in which the smallest is looked for.
RC_GTEST_PROP(ExpiryTree, KnowsTheEarliestBlock,
              (const std::vector<std::tuple<bool, std::uint8_t, std::uint8_t>>& steps)) {
  ExpiryTree tree;
  std::vector<base::Time> oracle(256, ExpiryTree::kNever);
  RC_ASSERT(tree.earliest() == ExpiryTree::kNever);
  std::size_t end = 0;
  for (const auto& [lower, block, seconds] : steps) {
    const base::Time time =
        seconds == 255 ? ExpiryTree::kNever : at(std::chrono::seconds(seconds));
    if (lower) {
      tree.lower(block, time);
      oracle[block] = std::min(oracle[block], time);
      end = std::max<std::size_t>(end, block + 1u);
    } else if (block < end) {
      tree.set(block, time);
      oracle[block] = time;
    }
    const base::Time earliest = *std::min_element(oracle.begin(), oracle.end());
    RC_ASSERT(tree.earliest() == earliest);
    if (earliest != ExpiryTree::kNever) RC_ASSERT(oracle[tree.first_block()] == earliest);
  }
}

RC_GTEST_PROP(Ring, IsAQueue, (const std::vector<bool>& steps)) {
  Ring<int> ring;
  std::deque<int> oracle;
  int next = 0;
  for (const bool push : steps) {
    if (push || oracle.empty()) {
      ring.push_back(next);
      oracle.push_back(next++);
    } else {
      ring.pop_front();
      oracle.pop_front();
    }
    RC_ASSERT(ring.size() == oracle.size());
    for (std::size_t i = 0; i < oracle.size(); ++i) RC_ASSERT(ring[i] == oracle[i]);
  }
}

// Against a map, over times that begin again.
RC_GTEST_PROP(SeenSet, IsASetInWhichSomeHaveATime,
              (const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint32_t>>& steps)) {
  SeenSet set;
  std::map<std::uint64_t, std::optional<base::Time>> oracle;
  base::Time now = base::Time{} - 10'000h;
  for (const auto& [action, number, minutes] : steps) {
    now += std::chrono::minutes(minutes % 20'000);
    const std::uint64_t hash = (number + 2u) * 0x9E3779B97F4A7C15u;
    if (action % 4 == 0) {
      RC_ASSERT(set.erase(hash) == (oracle.erase(hash) == 1));
    } else if (action % 4 == 1) {
      set.put(hash, std::nullopt);
      oracle[hash] = std::nullopt;
    } else {
      set.put(hash, now);
      oracle[hash] = now;
    }
    RC_ASSERT(set.size() == oracle.size());
    for (const auto& [key, time] : oracle) {
      RC_ASSERT(set.contains(key));
      const auto told = set.time_of(key, now);
      RC_ASSERT(told.has_value() == time.has_value());
      if (!told || now - *time >= SeenSet::kTimesTold - SeenSet::Steps(1)) continue;
      RC_ASSERT(*told <= *time);
      RC_ASSERT(*time - *told < SeenSet::Steps(1));
    }
  }
}

/// Keeps everything with its time and does everything by looking at all of it.
struct NaiveFilter {
  std::size_t seen_max, tombstones_max;
  std::deque<std::uint64_t> seen;
  std::map<std::uint64_t, base::Time> tombstones;
};

RC_GTEST_PROP(DuplicateFilter, RemembersAtLeastHalfAndForgetsInTime,
              (const std::vector<std::tuple<std::uint8_t, std::uint16_t, std::uint16_t>>& steps)) {
  DuplicateFilter filter(20, 1'000);
  NaiveFilter naive{20, 1'000, {}, {}};
  base::Time now = at(0s);
  for (const auto& [action, number, seconds] : steps) {
    const std::uint64_t hash = number + 2u;  // 0 and 1 share one entry by design
    if (action % 4 < 2) {
      filter.add_seen(hash);
      std::erase(naive.seen, hash);
      naive.seen.push_back(hash);
    } else if (action % 4 == 2) {
      filter.add_tombstone(hash, now + std::chrono::seconds(seconds));
      naive.tombstones.try_emplace(hash, now + std::chrono::seconds(seconds));
    } else {
      now += std::chrono::seconds(seconds);
      filter.expire(now, 1'000);
      std::erase_if(naive.tombstones, [&](const auto& entry) { return entry.second <= now; });
    }
    RC_ASSERT(filter.tombstones() == naive.tombstones.size());
  }
  for (const auto& [hash, until] : naive.tombstones) RC_ASSERT(filter.tombstoned(hash));
  const std::size_t sure = std::min<std::size_t>(naive.seen.size(), 10);
  for (std::size_t i = naive.seen.size() - sure; i < naive.seen.size(); ++i) {
    RC_ASSERT(filter.contains(naive.seen[i]));
  }
  std::size_t known = 0;
  for (std::uint32_t hash = 0; hash < 0x10002; ++hash) {
    if (!filter.contains(hash)) continue;
    ++known;
    RC_ASSERT(naive.tombstones.contains(hash) ||
              std::find(naive.seen.begin(), naive.seen.end(), hash) != naive.seen.end());
  }
  RC_ASSERT(known <= 20 + naive.tombstones.size());
}

TEST(DuplicateFilter, TellsWhenWhatGrewOldCameFirst) {
  DuplicateFilter filter(4, 4);
  filter.add_expired(10, at(64s));
  EXPECT_TRUE(filter.contains(10));
  EXPECT_EQ(filter.came_first(10, at(9h)), at(64s));
  filter.add_expired(20, at(65s));
  filter.add_expired(30, at(128s));
  EXPECT_EQ(filter.came_first(10, at(9h)), at(64s)) << "the older half";
  filter.add_seen(10);
  EXPECT_EQ(filter.came_first(10, at(9h)), std::nullopt) << "for good since";
  EXPECT_EQ(filter.came_first(20, at(9h)), at(64s));
  filter.add_tombstone(30, at(10h));
  EXPECT_EQ(filter.came_first(30, at(9h)), std::nullopt);
  filter.forget_seen(20);
  EXPECT_FALSE(filter.contains(20));
  EXPECT_EQ(filter.came_first(20, at(9h)), std::nullopt);
}

TEST(DuplicateFilter, IsBoundedInBothParts) {
  DuplicateFilter filter(1'000, 100);
  for (std::uint64_t i = 0; i < 1'000'000; ++i) filter.add_seen(i * 0x9E3779B97F4A7C15u);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    filter.add_tombstone(i * 0x9E3779B97F4A7C15u, at(std::chrono::seconds(i)));
  }
  EXPECT_EQ(filter.tombstones(), 100u);
  EXPECT_TRUE(filter.tombstoned(9'999 * 0x9E3779B97F4A7C15u)) << "the earliest end goes first";
  EXPECT_LT(filter.memory_used(), 40'000u);
  EXPECT_EQ(filter.next_expiry(), at(9'900s));
  EXPECT_EQ(filter.expire(at(100'000s), 7), 7u) << "bounded work";
}

EnvelopeRecord record_of(std::uint8_t id, std::uint8_t tag, bool receipt) {
  EnvelopeRecord record;
  record.id.bytes[3] = id;
  record.kind = receipt ? wire::EnvelopeKind::receipt : wire::EnvelopeKind::sealed;
  if (!receipt) record.tag.bytes[0] = tag;
  record.size = id;
  return record;
}

// Against a plain map from id to (tag, expiry): found by id, by tag, and in the order of expiry.
RC_GTEST_PROP(EnvelopeTable, IsWhatAMapWouldBe,
              (const std::vector<std::tuple<bool, std::uint8_t, std::uint8_t, std::uint8_t>>&
                   steps)) {
  base::SeededRandom random(5);
  const IdHasher hasher(random);
  EnvelopeTable table;
  struct Naive {
    std::uint8_t tag;
    bool receipt;
    base::Time expires;
    StoreKey key;
    SlotRef ref;
  };
  StoreKey next_key = 1;
  std::map<std::uint8_t, Naive> oracle;
  std::vector<std::pair<SlotRef, std::uint8_t>> dead;
  for (const auto& [add, id, tag_and_kind, expiry] : steps) {
    const bool receipt = tag_and_kind % 4 == 0;
    const auto tag = static_cast<std::uint8_t>(1 + tag_and_kind % 5);
    const EnvelopeRecord record = record_of(id, tag, receipt);
    const std::uint64_t hash = hasher(record.id);
    const auto known = oracle.find(id);
    const Slot slot = table.find(hash, record.id);
    RC_ASSERT((slot != kNoSlot) == (known != oracle.end()));
    if (add && known == oracle.end()) {
      const base::Time expires = at(std::chrono::seconds(expiry));
      const Slot fresh = table.insert(record, next_key, expires, hash, hasher(record.tag));
      oracle[id] = {tag, receipt, expires, next_key++, table.ref(fresh)};
    } else if (!add && known != oracle.end()) {
      dead.emplace_back(known->second.ref, id);
      table.erase(slot, hash);
      oracle.erase(known);
    }
    RC_ASSERT(table.size() == oracle.size());
    base::Time first = base::Time::max();
    for (const auto& [key, naive] : oracle) first = std::min(first, naive.expires);
    if (!oracle.empty()) {
      RC_ASSERT(table.next_expiry().has_value());
      RC_ASSERT(*table.next_expiry() <= first);
      RC_ASSERT(table.first_due(first - 1us) == kNoSlot);
      RC_ASSERT(*table.next_expiry() == first);
      RC_ASSERT(table.at(table.first_due(first)).expires() == first);
    } else {
      RC_ASSERT(table.first_due(base::Time::max() - 1us) == kNoSlot);
      RC_ASSERT(!table.next_expiry());
    }
  }
  for (const auto& [ref, id] : dead) {
    const bool same_again = oracle.contains(id) && oracle.at(id).ref.slot == ref.slot;
    RC_ASSERT(table.alive(ref) == same_again);
  }
  for (const auto& [id, naive] : oracle) {
    RC_ASSERT(table.alive(naive.ref));
    RC_ASSERT(table.at(naive.ref.slot).key() == naive.key);
    RC_ASSERT(table.at(naive.ref.slot).id == record_of(id, 1, false).id);
  }
  for (std::uint8_t tag = 1; tag <= 5; ++tag) {
    wire::DeliveryTag wanted;
    wanted.bytes[0] = tag;
    std::vector<std::uint64_t> found;
    for (const Slot slot : table.with_tag(hasher(wanted))) found.push_back(table.at(slot).key());
    RC_ASSERT(std::is_sorted(found.begin(), found.end()));  // keys grow: the oldest first
    std::set<std::uint64_t> expected;
    for (const auto& [id, naive] : oracle) {
      if (!naive.receipt && naive.tag == tag) expected.insert(naive.key);
    }
    RC_ASSERT(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
  }
}

TEST(EnvelopeTable, UsesSlotsAgainAndStaysSmallWhenLittleIsHeld) {
  EnvelopeTable table;
  EXPECT_EQ(table.memory_used(), 0u);
  base::SeededRandom random(5);
  const IdHasher hasher(random);
  for (int round = 0; round < 1'000; ++round) {
    const EnvelopeRecord record = record_of(static_cast<std::uint8_t>(round), 1, false);
    const Slot slot = table.insert(record, 1, at(1s), hasher(record.id), hasher(record.tag));
    table.erase(slot, hasher(record.id));
  }
  EXPECT_EQ(table.slot_end(), 1u);
  EXPECT_LT(table.memory_used(), 6'000u);
}

// The bound that is promised: at every number held, also just after something grew.
TEST(Holdings, MemoryForEachHeldEnvelopeStaysBelow96Bytes) {
  base::SeededRandom random(3);
  MemoryEnvelopeStore store(std::uint64_t{1} << 30);
  const RouterLimits limits;
  Holdings holdings(limits, store, random);
  EnvelopeRecord record;
  record.lifetime_s = 86'400;
  record.size = 1;
  const base::Bytes body(1);
  for (std::size_t count = 1; count <= 150'000; ++count) {
    record.id = random.bytes<wire::EnvelopeId>();
    record.tag = random.bytes<wire::DeliveryTag>();
    ASSERT_TRUE(holdings.hold(record, body));
    if (count % 100 == 0) holdings.settle();
    if (count < 20'000 || count % 97 != 0) continue;
    ASSERT_LE(static_cast<double>(holdings.memory_used()) / static_cast<double>(count), 96.0)
        << count << " held";
  }
}

TEST(HeldEnvelope, LanesAreByKindPriorityAndSize) {
  HeldEnvelope held;
  held.size = kSmallEnvelopeMax;
  held.priority = 2;
  EXPECT_EQ(held.lane(), Lane::urgent_small);
  held.size = kSmallEnvelopeMax + 1;
  EXPECT_EQ(held.lane(), Lane::urgent_large);
  held.priority = 1;
  EXPECT_EQ(held.lane(), Lane::normal_large);
  held.priority = 0;
  EXPECT_EQ(held.lane(), Lane::bulk_large);
  held.priority = 3;
  EXPECT_EQ(held.lane(), Lane::urgent_large);
  held.is_receipt = true;
  EXPECT_EQ(held.lane(), Lane::receipts);
}

}  // namespace
}  // namespace chaski::mesh_router::test
