// SPDX-License-Identifier: Apache-2.0
// Flash wears out and fails: every page is erased as often as the others, and what was accepted is
// there or the store says that it is not.
#include "embedded/flash_store.hpp"

#include <gtest/gtest.h>

#include "tests/embedded/flash_load.hpp"
#include "tests/seeds.hpp"

namespace chaski::embedded {
namespace {

using mesh_router::StoreError;

TEST(FlashStore, PagesWearAlike) {
  for (const std::uint64_t seed : test::seeds(3)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    FlashLoad load(FakeFlash(512, 40, 4), seed);
    std::uint64_t starts = 0;
    for (int step = 0; step < 20'000; ++step) {
      load.step();
      if (step % 500 == 499) {
        load.flash.cut_at = load.flash.steps + 5;
        while (load.flash.power) load.step();
        ASSERT_TRUE(load.restart());
        ++starts;
      }
    }
    const auto [least, most] =
        std::minmax_element(load.flash.erases.begin(), load.flash.erases.end());
    std::printf("erases of a page: %lu to %lu, over %lu starts\n", *least, *most, starts);
    EXPECT_GE(*least, 100U);
    EXPECT_LE(*most, *least + *least / 10 + starts);
  }
}

/// Full of what nobody erases, it still takes as many as go, and what that costs is bounded.
TEST(FlashStore, AFullStoreWritesFewTimesWhatItIsGiven) {
  FakeFlash flash(1'024, 64, 4);
  FlashStoreMemory<64, 512, 0, 1'024> memory;
  FlashStore store(flash.flash(), memory.space());
  std::vector<mesh_router::StoreKey> held;
  std::uint64_t number = 0;
  const auto put = [&] {
    const auto record = mesh_router::record_of(++number, 300);
    return store.put(record, mesh_router::body_of(number, 300));
  };
  for (auto key = put(); key; key = put()) held.push_back(*key);
  ASSERT_TRUE(store.commit(base::from_us(1)));
  const std::uint64_t before = flash.steps;
  std::size_t put_bytes = 0;
  base::SeededRandom random(5);
  for (int round = 0; round < 3'000; ++round) {
    auto& one = held[random.below(held.size())];
    store.erase(one);
    const auto key = put();
    ASSERT_TRUE(key) << "there is room for it: " << round;
    one = *key;
    ASSERT_TRUE(store.commit(base::from_us(round)));
    put_bytes += 300;
  }
  const double amplification =
      static_cast<double>((flash.steps - before) * 4) / static_cast<double>(put_bytes);
  std::printf("%zu held of 300 bytes in 64 KiB; bytes written for one that is put: %.1f\n",
              held.size(), amplification);
  EXPECT_LT(amplification, 6);
  EXPECT_EQ(store.damage().lost, 0U);
}

TEST(FlashStore, PagesThatFailAreLeftAndNothingIsLost) {
  for (const std::uint64_t seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    FlashLoad load(FakeFlash(256, 60, 4), seed);
    std::uint32_t bad = 0;
    for (int step = 0; step < 3'000; ++step) {
      if (random.below(300) == 0 && bad < 10) {
        bad += load.flash.bad_pages.insert(static_cast<std::uint32_t>(random.below(60))).second;
      }
      load.step();
      ASSERT_FALSE(load.store->damage().broken) << step;
      if (random.below(100) == 0) {
        ASSERT_TRUE(load.right()) << step;
      }
      if (random.below(200) == 0) {
        ASSERT_TRUE(load.restart()) << step;
      }
    }
    EXPECT_GT(load.store->damage().bad_pages, 0U);
  }
}

TEST(FlashStore, WordsThatDoNotTakeAreNoticedAtOnce) {
  for (const std::uint64_t seed : test::seeds(10)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    FlashLoad load(FakeFlash(256, 60, 4), seed);
    load.flash.silent_fault_one_in = 20'000;
    for (int step = 0; step < 2'000; ++step) {
      load.step();
      if (load.store->damage().broken) break;
      ASSERT_TRUE(step % 50 != 0 || load.right()) << step;
    }
    load.flash.silent_fault_one_in = 0;
    ASSERT_TRUE(load.restart());
  }
}

TEST(FlashStore, WhenNothingCanBeWrittenItSaysSoAndStillReads) {
  FlashLoad load(FakeFlash(256, 40, 4), 3);
  for (int step = 0; step < 200; ++step) load.step();
  load.commit();
  ASSERT_FALSE(load.durable.envelopes.empty());
  for (std::uint32_t page = 0; page < 40; ++page) load.flash.bad_pages.insert(page);
  const auto first = load.durable.envelopes.begin()->first;
  load.store->erase(first);
  EXPECT_FALSE(load.store->commit(base::from_us(1))) << "it is not durable";
  EXPECT_TRUE(load.store->damage().broken);
  EXPECT_FALSE(load.store->accepts());
  const auto put = load.store->put(mesh_router::record_of(1, 5), mesh_router::body_of(1, 5));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error(), StoreError::broken);
  EXPECT_FALSE(load.store->read(load.durable.envelopes.rbegin()->first).empty());
  EXPECT_TRUE(load.restart()) << "what was committed is still there";
}

TEST(FlashStore, WhatDecayedIsNotGivenOutAndIsCounted) {
  FakeFlash flash(1'024, 24, 4);
  FlashStoreMemory<24, 40, 0, 600> memory;
  FlashStore store(flash.flash(), memory.space());
  const auto body = mesh_router::body_of(1, 500);
  const auto key = store.put(mesh_router::record_of(1, 500), body);
  ASSERT_TRUE(key && store.commit(base::from_us(1)));
  const auto place =
      std::search(flash.bytes.begin(), flash.bytes.end(), body.begin() + 100, body.begin() + 140);
  ASSERT_NE(place, flash.bytes.end());
  *place ^= 1;
  EXPECT_TRUE(store.read(*key).empty());
  for (std::uint64_t number = 2; number < 200; ++number) {
    const auto other = store.put(mesh_router::record_of(number, 500), body);
    ASSERT_TRUE(other);
    store.erase(*other);
    ASSERT_TRUE(store.commit(base::from_us(1)));
  }
  EXPECT_EQ(store.damage().lost, 1U);
  EXPECT_EQ(store.usage().envelopes, 0U);
}

TEST(FlashStore, TimeGoesOnFromTheLastThatWasWritten) {
  using namespace std::chrono_literals;
  FakeFlash flash(256, 30, 4);
  FlashStoreMemory<30, 8, 0, 100> memory;
  base::Time now = base::from_us(0);
  {
    FlashStore store(flash.flash(), memory.space());
    EXPECT_EQ(store.resume_time(), now);
    // Nothing happens for three hours, and then power goes.
    for (; now < base::Time(3h); now += 7s) ASSERT_TRUE(store.commit(now));
  }
  FlashStore store(flash.flash(), memory.space());
  EXPECT_LE(store.resume_time(), now);
  EXPECT_GT(store.resume_time(), now - FlashStore::kTimeSavedEvery - 14s);
}

TEST(FlashStore, MountingWritesNothing) {
  FlashLoad load(FakeFlash(256, 30, 4), 9);
  for (int step = 0; step < 300; ++step) load.step();
  const auto bytes = load.flash.bytes;
  const std::uint64_t steps = load.flash.steps;
  ASSERT_TRUE(load.restart());
  ASSERT_TRUE(load.restart());
  EXPECT_EQ(load.flash.bytes, bytes);
  EXPECT_EQ(load.flash.steps, steps);
}

TEST(FlashStore, AFlashThatIsTooSmallTakesNothing) {
  for (const std::uint32_t pages : {1U, 2U, 5U}) {
    FakeFlash flash(256, pages, 4);
    FlashStoreMemory<8, 8, 0, 400> memory;
    FlashStore store(flash.flash(), memory.space());
    EXPECT_FALSE(store.accepts());
    EXPECT_FALSE(store.put(mesh_router::record_of(1, 5), mesh_router::body_of(1, 5)));
    EXPECT_EQ(flash.steps, 0U);
  }
}

}  // namespace
}  // namespace chaski::embedded
