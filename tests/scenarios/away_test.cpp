// SPDX-License-Identifier: Apache-2.0
// A message to someone who is not there: the reason why all this exists.
#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

using testing::ElementsAre;

struct NorthRidgeSouth : testing::Test {
  World world{WorldConfig{.seed = 7}};
  NodeIndex north = world.add_node();
  NodeIndex ridge = world.add_node();
  NodeIndex south = world.add_node();

  NorthRidgeSouth() {
    world.introduce(north, south);
    world.connect(north, ridge);
    world.connect(ridge, south);
  }
};

TEST_F(NorthRidgeSouth, message_waits_at_the_ridge_for_the_one_who_is_away) {
  world.set_power(south, false);
  world.run_for(2s);
  ASSERT_TRUE(linked(world, north, ridge));

  const auto id = world.send(north, south, "the bridge is closed");
  EXPECT_EQ(state_of(world, north, id), MessageState::accepted);
  world.run_for(1s);
  EXPECT_EQ(state_of(world, north, id), MessageState::custody);

  world.set_power(north, false);
  world.set_power(south, true);
  world.run_for(3s);
  EXPECT_THAT(inbox(world, south), ElementsAre("the bridge is closed"));

  world.set_power(south, false);
  world.set_power(north, true);
  world.run_for(3s);
  EXPECT_EQ(state_of(world, north, id), MessageState::delivered);
  EXPECT_THAT(life_of(world, north, id), ElementsAre("accepted", "custody", "delivered"));
}

}  // namespace
}  // namespace chaski::scenarios
