// SPDX-License-Identifier: Apache-2.0
// Networks that are slow, torn, doubled and mended.
#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

using testing::ElementsAre;

TEST(Network, fifty_nodes_torn_in_two_and_mended) {
  World world{WorldConfig{.seed = 5}};
  for (int i = 0; i < 50; ++i) world.add_node();
  const auto ring = [&](NodeIndex first, NodeIndex count) {
    for (NodeIndex i = 0; i < count; ++i)
      world.connect(first + i, first + (i + 1) % count, {.loss = 0.05});
  };
  ring(0, 25);
  ring(25, 25);
  for (NodeIndex i = 0; i < 25; ++i) world.introduce(i, 49 - i);
  for (NodeIndex i = 0; i < 25; ++i) {
    world.send(i, 49 - i, "across");
    world.send(49 - i, i, "back");
  }
  world.run_for(30s);
  for (NodeIndex i = 0; i < 50; ++i) ASSERT_TRUE(inbox(world, i).empty());
  world.connect(3, 30);
  world.run_for(30s);
  for (NodeIndex i = 0; i < 25; ++i) {
    EXPECT_THAT(inbox(world, i), ElementsAre("back")) << i;
    EXPECT_THAT(inbox(world, 49 - i), ElementsAre("across")) << i;
    EXPECT_EQ(state_of(world, i, 1), MessageState::delivered) << i;
  }
}

TEST(Network, a_large_text_does_not_hold_up_small_ones) {
  World world{WorldConfig{.seed = 6}};
  const NodeIndex a = world.add_node();
  const NodeIndex b = world.add_node();
  world.introduce(a, b);
  world.connect(a, b, {.bytes_per_s = 8'000, .frame_size_max = 512});  // eight seconds for 64 KiB
  world.run_for(3s);
  const std::string large(65'536, 'x');
  world.send(a, b, large);
  world.run_for(2s);
  world.send(a, b, "small");
  world.run_for(2s);
  EXPECT_THAT(inbox(world, b), ElementsAre("small"));
  world.run_for(15s);
  EXPECT_THAT(inbox(world, b), ElementsAre("small", large));
}

TEST(Network, one_link_a_pair_when_both_dial) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    World world{WorldConfig{.seed = seed}};
    const NodeIndex a = world.add_node();
    const NodeIndex b = world.add_node();
    world.introduce(a, b);
    world.connect(a, b, {.delay = std::chrono::milliseconds(1 + seed % 7)});
    world.at(world.now() + std::chrono::milliseconds(seed),
             [&] { world.connect(b, a, {.delay = std::chrono::milliseconds(1 + seed % 5)}); });
    world.send(a, b, "one");
    world.send(b, a, "two");
    world.run_for(3s);
    ASSERT_EQ(world.node(a).neighbours().size(), 1u) << seed;
    ASSERT_EQ(world.node(a).neighbours()[0].links, 1u) << seed;
    ASSERT_EQ(world.node(b).neighbours()[0].links, 1u) << seed;
    ASSERT_THAT(inbox(world, b), ElementsAre("one"));
    ASSERT_THAT(inbox(world, a), ElementsAre("two"));
  }
}

TEST(Network, ble_takes_over_when_the_lan_is_gone) {
  World world{WorldConfig{.seed = 8}};
  const NodeIndex a = world.add_node();
  const NodeIndex b = world.add_node();
  world.introduce(a, b);
  const LinkModel ble{.delay = 30ms,
                      .bytes_per_s = 50'000,
                      .frame_size_max = 244,
                      .kind = base::TransportKind::ble};
  world.connect(a, b);
  world.connect(b, a, ble);
  world.run_for(3s);
  ASSERT_EQ(world.node(a).neighbours().at(0).transport, base::TransportKind::lan);
  ASSERT_EQ(world.node(a).neighbours().at(0).links, 2u);
  world.send(a, b, "fast");
  world.run_for(1s);
  world.disconnect(a, b);
  world.connect(b, a, ble);
  world.send(a, b, "slow");
  world.run_for(5s);
  EXPECT_EQ(world.node(a).neighbours().at(0).transport, base::TransportKind::ble);
  EXPECT_THAT(inbox(world, b), ElementsAre("fast", "slow"));
}

TEST(Network, a_silent_break_heals_within_ten_seconds) {
  World world{WorldConfig{.seed = 9}};
  const NodeIndex a = world.add_node();
  const NodeIndex b = world.add_node();
  const NodeIndex c = world.add_node();
  world.introduce(a, c);
  const LinkModel silent{.notice_after = LinkModel::kNever};
  world.connect(a, b, silent);
  world.connect(b, c, silent);
  world.run_for(5s);
  world.disconnect(b, c);  // nobody says so
  world.connect(a, c);     // and another way appears
  const auto before = world.now();
  world.send(a, c, "the other way");
  ASSERT_TRUE(world.run_until([&] { return !inbox(world, c).empty(); }, 10s));
  EXPECT_LT(world.now() - before, 10s);
  world.run_for(7s);
  EXPECT_FALSE(linked(world, b, c)) << "found out by its silence";

  world.disconnect(a, c);
  world.connect(b, c, silent);
  world.send(a, c, "and back");
  EXPECT_TRUE(world.run_until([&] { return inbox(world, c).size() == 2; }, 10s));
}

TEST(Network, a_chain_of_twenty_hops_delivers) {
  World world{WorldConfig{.seed = 10}};
  for (int i = 0; i < 21; ++i) world.add_node();
  for (NodeIndex i = 0; i < 20; ++i) world.connect(i, i + 1, {.loss = 0.1});
  world.introduce(0, 20);
  const auto id = world.send(0, 20, "far");
  EXPECT_TRUE(
      world.run_until([&] { return state_of(world, 0, id) == MessageState::delivered; }, 60s));
  EXPECT_THAT(inbox(world, 20), ElementsAre("far"));
}

TEST(Network, one_seed_gives_one_history) {
  const auto run = [](std::uint64_t seed) {
    World world{WorldConfig{.seed = seed}};
    for (int i = 0; i < 6; ++i) world.add_node();
    for (NodeIndex i = 0; i < 6; ++i) world.connect(i, (i + 1) % 6, {.loss = 0.2});
    world.introduce(0, 3);
    for (int i = 0; i < 20; ++i) world.send(0, 3, std::to_string(i));
    world.run_for(5s);
    world.crash_and_restart(1);
    world.run_for(5s);
    return world.event_hash();
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

}  // namespace
}  // namespace chaski::scenarios
