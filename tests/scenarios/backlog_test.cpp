// SPDX-License-Identifier: Apache-2.0
// A reader who was away for long, and relays of which each knows another part of the story.
#include <algorithm>

#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

struct LongAway : testing::Test {
  static constexpr std::size_t kMessages = 5'000;
  World world{WorldConfig{.seed = 23}};
  NodeIndex north = world.add_node();
  NodeIndex old_road = world.add_node();
  NodeIndex new_road = world.add_node();
  NodeIndex south = world.add_node();
  std::size_t written = 0;

  LongAway() {
    world.introduce(north, south);
    world.run_for(1s);
    world.set_power(south, false);
  }
  void write(std::size_t count) {
    for (; count > 0; --count) world.send(north, south, "number " + std::to_string(written++));
  }
  /// Everything written so far goes to this relay.
  void give(NodeIndex relay) {
    world.connect(north, relay);
    world.run_until_idle(60s);
    world.disconnect(north, relay);
    world.run_for(1s);
  }
  void expect_all_once() {
    std::vector<std::string> texts = inbox(world, south);
    EXPECT_EQ(texts.size(), written);
    std::sort(texts.begin(), texts.end());
    EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end()) << "something came twice";
  }
};

TEST_F(LongAway, meets_the_relay_of_the_later_half_first) {
  write(kMessages / 2);
  give(old_road);
  write(kMessages / 2);
  give(new_road);
  world.set_power(north, false);

  world.connect(new_road, south);
  world.set_power(south, true);
  world.run_for(5s);
  world.crash_and_restart(new_road);
  world.run_for(20s);
  world.connect(old_road, south);
  world.run_for(1s);
  world.crash_and_restart(old_road);
  world.run_for(20s);
  expect_all_once();
}

TEST_F(LongAway, meets_both_at_once_while_all_of_them_crash) {
  write(kMessages / 2);
  give(old_road);
  write(kMessages / 2);
  give(new_road);
  world.set_power(north, false);
  const LinkModel slow{.bytes_per_s = 200'000};
  world.connect(old_road, south, slow);
  world.connect(south, new_road, slow);
  world.set_power(south, true);
  for (std::size_t moment = 0; moment < 6; ++moment) {
    world.run_for(std::chrono::milliseconds(700));
    world.crash_and_restart(std::array{old_road, new_road, south}[moment % 3]);
  }
  world.run_for(60s);
  expect_all_once();
}

TEST_F(LongAway, north_hears_that_all_of_it_was_read) {
  write(kMessages);
  give(old_road);
  world.connect(south, old_road);
  world.set_power(south, true);
  world.run_for(20s);
  expect_all_once();
  world.connect(north, old_road);
  world.run_for(20s);
  for (const MessageRecord& message : messages(world, north, Direction::outgoing))
    ASSERT_EQ(message.state, MessageState::delivered) << message.text;
}

}  // namespace
}  // namespace chaski::scenarios
