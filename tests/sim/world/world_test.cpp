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

struct Joined : TwoNodes {
  std::vector<std::pair<base::LinkId, NodeIndex>> lost;
  Joined() {
    world.on_link_ended([this](base::LinkId link, NodeIndex end) { lost.emplace_back(link, end); });
  }
};

TEST_F(Joined, a_joined_link_carries_until_it_is_parted_and_is_not_dialled_again) {
  world.introduce(a, b);
  const base::LinkId link = world.join(a, b, {.delay = 10ms}, 500ms);
  world.run_for(400ms);
  EXPECT_FALSE(world.connected(a, b));
  world.run_for(600ms);
  EXPECT_TRUE(world.connected(a, b));
  world.send(a, b, "over it");
  world.run_until_idle(10s);
  EXPECT_EQ(world.store(b).people().message_count(), 1u);
  EXPECT_TRUE(lost.empty());

  world.part(link);
  world.run_for(10s);
  EXPECT_FALSE(world.connected(a, b));
  EXPECT_EQ(lost, (std::vector<std::pair<base::LinkId, NodeIndex>>{{link, a}, {link, b}}));
  world.part(link);
  world.run_for(1s);
  EXPECT_EQ(lost.size(), 2u) << "once is enough";
}

TEST_F(Joined, ends_that_never_got_it_are_told_too) {
  const base::LinkId link = world.join(a, b, {}, 1s);
  world.part(link);
  world.run_for(5s);
  EXPECT_EQ(lost.size(), 2u);
  world.set_power(b, false);
  world.join(a, b, {}, 1s);
  world.run_for(5s);
  EXPECT_EQ(lost.size(), 4u);
}

TEST_F(Joined, ten_thousand_links_one_after_another_leave_nothing_behind) {
  for (int i = 0; i < 10'000; ++i) {
    world.part(world.join(a, b, {}));
    world.run_for(1ms);
  }
  world.run_for(1s);
  EXPECT_EQ(lost.size(), 20'000u);
  EXPECT_LE(world.connection_places(), 200u);
}

TEST(SharedRadio, links_of_one_node_share_what_its_radio_carries) {
  const auto seconds_for = [](bool shared) {
    World world(WorldConfig{.seed = 4});
    const NodeIndex hub = world.add_node();
    for (int i = 0; i < 4; ++i) {
      const NodeIndex leaf = world.add_node();
      world.introduce(hub, leaf);
      world.join(hub, leaf,
                 {.bytes_per_s = 20'000, .frame_size_max = 2'048, .shares_radio = shared});
      for (int k = 0; k < 30; ++k) world.send(hub, leaf, std::string(500, 'x'));
    }
    const base::Time before = world.now();
    EXPECT_TRUE(world.run_until(
        [&] {
          std::uint64_t stored = 0;
          for (NodeIndex leaf = 1; leaf < 5; ++leaf) {
            stored += world.store(leaf).people().message_count();
          }
          return stored == 120;
        },
        10min));
    return std::chrono::duration<double>(world.now() - before).count();
  };
  const double apart = seconds_for(false);
  const double shared = seconds_for(true);
  EXPECT_GT(shared, 2.5 * apart);
  EXPECT_LT(shared, 6 * apart);
}

struct Ticks : Companion {
  base::Time at{};
  std::vector<base::Time> when;
  base::Time next_time() const override { return at; }
  void step(base::Time now) override {
    when.push_back(now);
    at = now + 300ms;
  }
};

TEST_F(TwoNodes, a_companion_lives_in_the_same_time) {
  Ticks ticks;
  ticks.at = world.now() + 300ms;
  world.set_companion(ticks);
  const base::Time before = world.now();
  world.at(before + 400ms, [&] { EXPECT_EQ(ticks.when.size(), 1u); });
  world.run_for(1s);
  EXPECT_EQ(ticks.when, (std::vector<base::Time>{before + 300ms, before + 600ms, before + 900ms}));
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
