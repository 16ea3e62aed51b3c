// SPDX-License-Identifier: Apache-2.0
// Storms on a serial line: bits that turn over, bytes that are lost, doubled and inserted, cables
// that are pulled, ends that are restarted. What comes is what was sent, in order and once, or the
// session ends; and when the storm is over, everything comes. CHASKI_SEED replays one, CHASKI_SEEDS
// says how many there are.
#include <gtest/gtest.h>

#include "line_world.hpp"
#include "tests/seeds.hpp"

namespace chaski::transport_serial {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Cable rough(base::Random& random) {
  constexpr std::uint32_t kBauds[] = {9'600, 38'400, 115'200, 921'600};
  const double worst[] = {0, 1e-5, 1e-4, 5e-4};
  Cable cable;
  cable.bytes_per_s = kBauds[random.below(4)] / 10;
  cable.delay = milliseconds(random.below(40));
  cable.bit_errors = worst[random.below(4)];
  cable.losses = worst[random.below(4)];
  cable.doublings = worst[random.below(4)];
  cable.breaks = worst[random.below(4)];
  return cable;
}

std::function<base::Bytes()> talk(base::Random& random) {
  return [&random] {
    if (random.below(3) != 0) return base::Bytes();
    base::Bytes frame(random.below(4) == 0 ? 2048 : 1 + random.below(300));
    random.fill(frame);
    return frame;
  };
}

TEST(SerialStorm, WhatComesIsWhatWasSentInOrderAndOnce) {
  for (const auto seed : test::seeds(10)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom story(seed);
    LineWorld world(rough(story), seed + 1);
    for (auto& end : world.ends) end.next = talk(world.random);
    for (int i = 0; i < 12; ++i) {
      world.run(milliseconds(story.below(8'000)));
      switch (story.below(5)) {
        case 0:
          world.restart(story.below(2));
          break;
        case 1:  // both, at about the same time
          world.restart(0);
          world.run(milliseconds(story.below(60)));
          world.restart(1);
          break;
        case 2:
          world.plug(story.below(2) == 0);
          break;
        case 3:
          world.ends[story.below(2)].line->close(world.now());
          break;
        default:
          break;
      }
      ASSERT_EQ(world.compare(), "");
    }
    // Calm: both are open with each other, and what is sent from now on arrives.
    world.plug(true);
    world.cable.bit_errors = world.cable.losses = 0;
    world.cable.doublings = world.cable.breaks = 0;
    const auto talks = [&](std::size_t from) {
      auto* sender = world.current(from);
      auto* receiver = world.current(1 - from);
      return sender && receiver && !sender->sent.empty() && receiver->got == sender->sent;
    };
    for (auto& end : world.ends) end.next = {};
    world.run(seconds(40));
    for (auto& end : world.ends) end.next = talk(world.random);
    world.run(seconds(2));
    for (auto& end : world.ends) end.next = {};
    world.run(seconds(60), [&] { return talks(0) && talks(1); });
    EXPECT_TRUE(talks(0) && talks(1))
        << "not everything came after the storm: " << world.describe();
    EXPECT_EQ(world.compare(), "");
  }
}

}  // namespace
}  // namespace chaski::transport_serial
