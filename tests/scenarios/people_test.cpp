// SPDX-License-Identifier: Apache-2.0
// People who meet, through a mesh that others share.
#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

TEST(Meeting, an_answer_finds_its_way_through_the_mesh) {
  World world{WorldConfig{.seed = 31}};
  const NodeIndex ana = world.add_node();
  const NodeIndex relay = world.add_node();
  const NodeIndex ben = world.add_node();
  ASSERT_TRUE(world.node(ana).create_identity("ana"));
  ASSERT_TRUE(world.node(ben).create_identity("ben"));
  const std::string link = *world.node(ana).invite(world.now());
  ASSERT_TRUE(world.node(ben).add(link, "", world.now(), {}));
  world.connect(ana, relay);
  world.connect(relay, ben);
  ASSERT_TRUE(world.run_until([&] { return !world.node(ana).contacts().empty(); }, 10s));
  EXPECT_EQ(world.node(ana).contacts()[0].name, "ben");
  ASSERT_TRUE(world.node(ana).send("ben", "welcome", {}, world.now(), {}));
  EXPECT_TRUE(world.run_until([&] { return !inbox(world, ben).empty(); }, 10s));
}

TEST(Meeting, long_talks_survive_crashes_of_both) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    World world{WorldConfig{.seed = seed}};
    const NodeIndex ana = world.add_node();
    const NodeIndex ben = world.add_node();
    world.introduce(ana, ben);
    world.connect(ana, ben, {.loss = 0.1});
    for (int i = 0; i < 100; ++i) {
      const bool from_ana = world.random().below(2) == 0;
      world.send(from_ana ? ana : ben, from_ana ? ben : ana, std::to_string(i));
      if (world.random().below(3) == 0) world.run_for(300ms);
      if (world.random().below(10) == 0) world.crash_and_restart(from_ana ? ben : ana);
    }
    world.run_for(20s);
    EXPECT_EQ(inbox(world, ana).size() + inbox(world, ben).size(), 100u) << seed;
  }
}

}  // namespace
}  // namespace chaski::scenarios
