// SPDX-License-Identifier: Apache-2.0
// Afraid of: the slot that nobody frees, the dial that BlueZ refuses because we scan, the neighbour
// who never gets a turn. CHASKI_SEED replays one storm, CHASKI_SEEDS says how many there are.
#include <gtest/gtest.h>

#include <string>

#include "ble_world.hpp"
#include "tests/seeds.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

void expect_clean(BleWorld& world) {
  for (const std::string& what : world.violations) ADD_FAILURE() << what;
}

TEST(BleStorm, TwoNodesMeetWithinSeconds) {
  for (const auto seed : test::seeds(20)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    BleWorld world(2, 7, seed);
    world.run(seconds(10));
    EXPECT_GE(world.meeting(0, 1).count, 1U);
    expect_clean(world);
  }
}

TEST(BleStorm, NobodyDialsWhoCarriesTheSame) {
  BleWorld world(4, 7, 1);
  for (std::size_t i = 0; i < world.size(); ++i) {
    world.node(i).held = Digest{};
    world.node(i).holds_its_own = false;
  }
  world.run(minutes(60));
  EXPECT_EQ(world.dials, 0U);
  expect_clean(world);
}

TEST(BleStorm, NoPairStarvesWithTwoSlotsAndSixNodes) {
  for (const auto seed : test::seeds(4)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    BleWorld world(6, 2, seed);
    world.run(minutes(2));
    world.forget_meetings();
    world.run(minutes(60));
    for (std::size_t a = 0; a < 6; ++a) {
      for (std::size_t b = a + 1; b < 6; ++b) {
        auto& met = world.meeting(a, b);
        const auto gap = std::max(met.longest_gap, world.now() - met.last);
        EXPECT_GE(met.count, 10U) << a << " and " << b;
        EXPECT_LE(gap, minutes(10)) << a << " and " << b;
      }
    }
    expect_clean(world);
  }
}

TEST(BleStorm, AfterAnyStormEverythingAgreesAndEverybodyMeets) {
  for (const auto seed : test::seeds(30)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    BleWorld world(6, 3, seed);
    world.faults = {.command_fails = 0.1,
                    .answer_is_lost = 0.05,
                    .disconnect_is_lost = 0.1,
                    .link_breaks = 0.02,
                    .power_goes = 0.005};
    for (int part = 0; part < 10; ++part) {
      const auto a = static_cast<std::size_t>(part) % 6;
      world.set_range(a, (a + 1 + static_cast<std::size_t>(part) / 6) % 6, part % 3 == 0);
      world.run(minutes(2));
    }
    world.faults = {};
    for (std::size_t a = 0; a < 6; ++a) {
      for (std::size_t b = a + 1; b < 6; ++b) world.set_range(a, b, true);
    }
    // Every lost word is made good by the next reconciliation.
    world.run(minutes(3));
    world.forget_meetings();
    world.run(minutes(15));
    for (std::size_t a = 0; a < 6; ++a) {
      // What is under way right now may disagree for a moment; what leaked does so for good.
      for (int tries = 0; tries < 5 && !world.disagreement(a).empty(); ++tries) {
        world.run(seconds(1));
      }
      EXPECT_EQ(world.disagreement(a), "") << "node " << a;
      for (std::size_t b = a + 1; b < 6; ++b) {
        EXPECT_GE(world.meeting(a, b).count, 1U) << a << " and " << b;
      }
    }
    expect_clean(world);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::transport_ble
