// SPDX-License-Identifier: Apache-2.0
// What every EnvelopeStore promises. Included by the tests of each store, which instantiate it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "mesh-router/envelope_store.hpp"
#include "tests/mesh-router/envelope_samples.hpp"

namespace chaski::mesh_router {

/// A store that takes some 4 MB, and that can lose power.
class StoreSubject {
 public:
  virtual ~StoreSubject() = default;
  virtual EnvelopeStore& envelopes() = 0;
  virtual bool commit() = 0;
  virtual void lose_power() = 0;
};

using MakeStore = std::function<std::unique_ptr<StoreSubject>()>;
using NamedStore = std::pair<const char*, MakeStore>;

/// What tests of a store say to it; envelopes are told apart by their numbers.
class EnvelopeCalls {
 protected:
  ~EnvelopeCalls() = default;
  virtual EnvelopeStore& envelopes() = 0;

  StoreKey put(std::uint64_t number, std::size_t size) {
    const auto key = envelopes().put(record_of(number, size), body_of(number, size));
    EXPECT_TRUE(key);
    return key.value_or(0);
  }
  bool holds(StoreKey key, std::uint64_t number, std::size_t size) {
    return base::equal(envelopes().read(key), body_of(number, size));
  }
  std::map<StoreKey, EnvelopeRecord> all() {
    std::map<StoreKey, EnvelopeRecord> found;
    envelopes().for_each([&](StoreKey key, const EnvelopeRecord& r) { found.emplace(key, r); });
    return found;
  }
};

class EnvelopeStoreContract : public testing::TestWithParam<NamedStore>, protected EnvelopeCalls {
 protected:
  EnvelopeStoreContract() : subject_(GetParam().second()) {}
  EnvelopeStore& envelopes() override { return subject_->envelopes(); }
  void commit() { ASSERT_TRUE(subject_->commit()); }
  void lose_power() { subject_->lose_power(); }

 private:
  std::unique_ptr<StoreSubject> subject_;
};

// Around the limit between a database's rows and its segment files, and the largest there is.
inline constexpr std::size_t kSizes[] = {1, 256, 8'192, 8'193, 13'768, 65'920};

TEST_P(EnvelopeStoreContract, WhatWasPutIsReadAtOnceAndAfterACommit) {
  std::map<StoreKey, std::pair<std::uint64_t, std::size_t>> put_keys;
  for (std::uint64_t number = 1; number <= 60; ++number) {
    const std::size_t size = kSizes[number % std::size(kSizes)];
    const StoreKey key = put(number, size);
    EXPECT_TRUE(put_keys.emplace(key, std::pair(number, size)).second) << "a key twice";
    EXPECT_TRUE(holds(key, number, size));
    if (number % 7 == 0) commit();
  }
  commit();
  lose_power();
  ASSERT_EQ(all().size(), 60u);
  for (const auto& [key, record] : all()) {
    const auto [number, size] = put_keys.at(key);
    EXPECT_TRUE(same(record, record_of(number, size))) << number;
    EXPECT_TRUE(holds(key, number, size)) << number;
  }
}

TEST_P(EnvelopeStoreContract, EnvelopesAreVisitedOldestFirst) {
  for (std::uint64_t number = 1; number <= 50; ++number) put(number, 100 + number);
  commit();
  lose_power();
  std::vector<wire::EnvelopeId> order;
  envelopes().for_each([&](StoreKey, const EnvelopeRecord& r) { order.push_back(r.id); });
  ASSERT_EQ(order.size(), 50u);
  for (std::uint64_t i = 0; i < 50; ++i) EXPECT_EQ(order[i], record_of(i + 1, 0).id);
}

TEST_P(EnvelopeStoreContract, ErasedIsGoneAtOnceAndForGood) {
  const StoreKey a = put(1, 200);
  const StoreKey b = put(2, 30'000);
  const StoreKey c = put(3, 200);
  commit();
  envelopes().erase(a);
  envelopes().erase(b);
  EXPECT_TRUE(envelopes().read(a).empty());
  EXPECT_TRUE(envelopes().read(b).empty());
  EXPECT_EQ(envelopes().usage().envelopes, 1u);
  commit();
  lose_power();
  EXPECT_EQ(all().size(), 1u);
  EXPECT_TRUE(holds(c, 3, 200));
}

TEST_P(EnvelopeStoreContract, UsageFollowsPutAndEraseAtOnce) {
  const auto empty = envelopes().usage();
  EXPECT_GT(empty.bytes_max, 0u);
  const StoreKey key = put(1, 1'000);
  const auto one = envelopes().usage();
  EXPECT_EQ(one.envelopes, empty.envelopes + 1);
  EXPECT_GE(one.bytes, empty.bytes + 1'000);
  envelopes().erase(key);
  EXPECT_EQ(envelopes().usage().bytes, empty.bytes);
  put(2, 60'000);
  commit();
  const auto before = envelopes().usage();
  lose_power();
  EXPECT_EQ(envelopes().usage().bytes, before.bytes);
  EXPECT_EQ(envelopes().usage().envelopes, before.envelopes);
}

TEST_P(EnvelopeStoreContract, RefusesBeyondTheQuotaAndTakesAgainAfterAnErase) {
  std::vector<StoreKey> keys;
  for (std::uint64_t number = 1;; ++number) {
    const auto key = envelopes().put(record_of(number, 60'000), body_of(number, 60'000));
    if (!key) {
      EXPECT_EQ(key.error(), StoreError::quota);
      break;
    }
    keys.push_back(*key);
    ASSERT_LT(number, 1'000u);
  }
  const std::uint64_t bytes_max = envelopes().usage().bytes_max;
  EXPECT_LE(envelopes().usage().bytes, bytes_max);
  EXPECT_GE(keys.size(), bytes_max / 61'000);
  envelopes().erase(keys.front());
  EXPECT_TRUE(envelopes().put(record_of(1, 60'000), body_of(1, 60'000)));
}

TEST_P(EnvelopeStoreContract, TombstonesStayUntilTheirTime) {
  const auto day = [](std::int64_t n) { return base::Time(std::chrono::hours(24 * n)); };
  for (std::uint64_t i = 1; i <= 10; ++i) {
    envelopes().put_tombstone(tagged<wire::EnvelopeId>(i), day(static_cast<std::int64_t>(i)));
  }
  commit();
  envelopes().expire_tombstones(day(5));
  commit();
  lose_power();
  std::map<wire::EnvelopeId, base::Time> left;
  envelopes().for_each_tombstone(
      [&](const wire::EnvelopeId& id, base::Time until) { left[id] = until; });
  ASSERT_EQ(left.size(), 5u);
  for (std::uint64_t i = 6; i <= 10; ++i) {
    EXPECT_EQ(left.at(tagged<wire::EnvelopeId>(i)), day(static_cast<std::int64_t>(i)));
  }
}

/// Thousands of random changes, commits and power cuts against a model that is two maps.
TEST_P(EnvelopeStoreContract, BehavesLikeAMapUnderRandomUse) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::SeededRandom random(seed);
    using Model = std::map<StoreKey, std::pair<std::uint64_t, std::size_t>>;
    Model now;
    envelopes().for_each([&](StoreKey key, const EnvelopeRecord&) { envelopes().erase(key); });
    commit();
    Model durable;
    for (std::uint64_t step = 0; step < 1'500; ++step) {
      const std::uint64_t dice = random.below(100);
      if (dice < 45) {
        const std::uint64_t number = seed * 1'000'000 + step;
        const std::size_t size =
            random.below(8) == 0 ? 8'193 + random.below(40'000) : 1 + random.below(900);
        const auto key = envelopes().put(record_of(number, size), body_of(number, size));
        if (key) now[*key] = {number, size};
      } else if (dice < 80 && !now.empty()) {
        auto victim = now.begin();
        std::advance(victim,
                     static_cast<long>(random.below(std::min<std::size_t>(now.size(), 40))));
        envelopes().erase(victim->first);
        now.erase(victim);
      } else if (dice < 90 && !now.empty()) {
        auto some = now.begin();
        std::advance(some, static_cast<long>(random.below(now.size())));
        EXPECT_TRUE(holds(some->first, some->second.first, some->second.second)) << step;
      } else if (dice < 99) {
        commit();
        durable = now;
      } else {
        lose_power();
        now = durable;
      }
      ASSERT_EQ(envelopes().usage().envelopes, now.size()) << step;
    }
    commit();
    lose_power();
    const auto found = all();
    ASSERT_EQ(found.size(), now.size());
    for (const auto& [key, what] : now) {
      ASSERT_TRUE(found.contains(key));
      EXPECT_TRUE(same(found.at(key), record_of(what.first, what.second)));
      EXPECT_TRUE(holds(key, what.first, what.second));
    }
  }
}

TEST_P(EnvelopeStoreContract, WhatWasNotCommittedIsUndone) {
  const StoreKey kept = put(1, 300);
  const StoreKey large = put(2, 40'000);
  commit();
  put(3, 300);
  put(4, 40'000);
  envelopes().erase(kept);
  envelopes().erase(large);
  envelopes().put_tombstone(tagged<wire::EnvelopeId>(9), base::from_us(5));
  lose_power();
  EXPECT_EQ(all().size(), 2u);
  EXPECT_TRUE(holds(kept, 1, 300));
  EXPECT_TRUE(holds(large, 2, 40'000));
  envelopes().for_each_tombstone([](const wire::EnvelopeId&, base::Time) { FAIL(); });
}

TEST_P(EnvelopeStoreContract, AKeyIsNotGivenOutAgain) {
  StoreKey last = 0;
  for (std::uint64_t round = 1; round <= 20; ++round) {
    const StoreKey key = put(round, 500);
    EXPECT_GT(key, last);
    last = key;
    commit();
    if (round % 2 == 0) lose_power();
  }
}

TEST_P(EnvelopeStoreContract, OfTwoTombstonesOfOneIdTheLaterHolds) {
  const auto id = tagged<wire::EnvelopeId>(1);
  for (const int until : {5, 9, 7}) envelopes().put_tombstone(id, base::from_us(until));
  commit();
  lose_power();
  base::Time latest{};
  envelopes().for_each_tombstone([&](const wire::EnvelopeId& found, base::Time until) {
    EXPECT_EQ(found, id);
    latest = std::max(latest, until);
  });
  EXPECT_EQ(latest, base::from_us(9));
}

}  // namespace chaski::mesh_router
