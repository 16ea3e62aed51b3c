// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

struct TwoNodes : testing::Test {
  World world{WorldConfig{.seed = 1}};
  NodeIndex a = world.add_node();
  NodeIndex b = world.add_node();
};

TEST_F(TwoNodes, time_stands_still_until_the_world_runs) {
  const base::Time before = world.now();
  world.connect(a, b);
  EXPECT_FALSE(world.connected(a, b));
  EXPECT_EQ(world.now(), before);
  world.run_for(1s);
  EXPECT_TRUE(world.connected(a, b));
  EXPECT_EQ(world.now(), before + 1s);
}

TEST_F(TwoNodes, actions_happen_at_their_time) {
  std::vector<int> order;
  world.at(world.now() + 2s, [&] { order.push_back(2); });
  world.at(world.now() + 1s, [&] { order.push_back(1); });
  world.run_for(1500ms);
  EXPECT_EQ(order, std::vector<int>{1});
  world.run_for(1s);
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

TEST_F(TwoNodes, a_lost_connection_is_dialled_again_until_it_is_no_longer_wanted) {
  world.connect(a, b);
  world.run_for(1s);
  world.crash_and_restart(b);
  EXPECT_FALSE(world.connected(a, b));
  world.run_for(2s);
  EXPECT_TRUE(world.connected(a, b));
  world.set_power(a, false);
  world.run_for(5s);
  EXPECT_FALSE(world.connected(a, b));
  world.set_power(a, true);
  world.run_for(2s);
  EXPECT_TRUE(world.connected(a, b));
  world.disconnect(a, b);
  world.run_for(5s);
  EXPECT_FALSE(world.connected(a, b));
}

TEST_F(TwoNodes, a_crash_forgets_what_was_not_committed) {
  ASSERT_TRUE(world.node(a).create_identity("ana"));
  world.crash_and_restart(a);
  EXPECT_FALSE(world.node(a).identity()) << "it was not committed yet";
  ASSERT_TRUE(world.node(a).create_identity("ana"));
  world.run_for(1s);
  world.crash_and_restart(a);
  EXPECT_TRUE(world.node(a).identity());
}

TEST_F(TwoNodes, it_is_idle_once_everything_has_arrived) {
  world.introduce(a, b);
  world.connect(a, b, {.delay = 50ms, .bytes_per_s = 10'000});
  for (int i = 0; i < 50; ++i) world.send(a, b, std::to_string(i));
  const base::Time before = world.now();
  world.run_until_idle(10min);
  EXPECT_LT(world.now() - before, 1min);
  EXPECT_GT(world.now() - before, 1s) << "so many bytes take their time";
  EXPECT_EQ(world.store(b).people().message_count(), 50u);
}

TEST_F(TwoNodes, frames_are_counted_and_change_the_hash) {
  const std::uint64_t before = world.event_hash();
  world.connect(a, b);
  world.run_for(1s);
  EXPECT_GT(world.frames(), 3u);
  EXPECT_GT(world.frame_bytes(), 3u * 160u);
  EXPECT_NE(world.event_hash(), before);
}

}  // namespace
}  // namespace chaski::sim
