// SPDX-License-Identifier: Apache-2.0
// Power goes at every word that is programmed and at every page that is erased: what was committed
// is there, what was erased stays erased, and nothing else is seen.
#include <gtest/gtest.h>

#include "tests/embedded/flash_load.hpp"
#include "tests/seeds.hpp"

namespace chaski::embedded {
namespace {

constexpr int kSteps = 150;

/// The pages are so small and so few that the log goes around several times.
FakeFlash small_flash(std::uint32_t word_size) {
  return FakeFlash(256, 26, word_size);
}

void cut_everywhere(std::uint32_t word_size, FakeFlash::Torn torn) {
  FlashLoad whole(small_flash(word_size), 1);
  for (int step = 0; step < kSteps; ++step) whole.step();
  ASSERT_TRUE(whole.right());
  for (const std::uint64_t erases : whole.flash.erases) ASSERT_GE(erases, 1U) << "too short a load";
  for (std::uint64_t cut = 0; cut < whole.flash.steps; ++cut) {
    FlashLoad load(small_flash(word_size), 1);
    load.flash.cut_at = cut;
    load.flash.torn = torn;
    load.flash.random = base::SeededRandom(cut);
    for (int step = 0; step < kSteps && load.flash.power; ++step) load.step();
    ASSERT_FALSE(load.flash.power);
    ASSERT_TRUE(load.restart()) << "cut at " << cut;
    // And it goes on from there.
    for (int step = 0; step < 12; ++step) load.step();
    ASSERT_TRUE(load.right()) << "after the cut at " << cut;
    load.commit();
    ASSERT_EQ(load.durable, load.now);
    ASSERT_TRUE(load.restart()) << "after the cut at " << cut;
  }
}

TEST(FlashCut, WhereverPowerGoesWithTheWordUntouched) {
  cut_everywhere(8, FakeFlash::Torn::untouched);
}
TEST(FlashCut, WhereverPowerGoesAfterTheWord) {
  cut_everywhere(8, FakeFlash::Torn::whole);
}
TEST(FlashCut, WhereverPowerGoesInTheWord) {
  cut_everywhere(4, FakeFlash::Torn::some_bits);
}
TEST(FlashCut, WhereverPowerGoesInALongWord) {
  cut_everywhere(16, FakeFlash::Torn::some_bits);
}

/// Cut after cut, also while it recovers, and at random.
void cut_again_and_again(std::uint64_t seed, int rounds) {
  base::SeededRandom random(seed);
  const std::uint32_t page_size = 256u << random.below(3);
  const auto reserve = static_cast<std::uint32_t>(8 + random.below(40));
  FlashLoad load(FakeFlash(page_size, reserve + 10, 1u << random.below(5)), seed);
  load.flash.random = base::SeededRandom(seed + 1);
  for (int round = 0; round < rounds; ++round) {
    load.flash.cut_at = load.flash.steps + random.below(random.below(3) == 0 ? 12 : 900);
    load.flash.torn = static_cast<FakeFlash::Torn>(random.below(3));
    while (load.flash.power) load.step();
    ASSERT_TRUE(load.restart()) << "round " << round;
    ASSERT_FALSE(load.store->damage().broken);
    ASSERT_EQ(load.store->damage().lost, 0U);
  }
}

TEST(FlashCut, AgainAndAgainAtRandom) {
  for (const std::uint64_t seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    cut_again_and_again(seed, 60);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::embedded
