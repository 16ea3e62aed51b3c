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
  const std::vector<std::string> life = life_of(world, north, id);
  EXPECT_EQ(life.front(), "accepted");
  EXPECT_EQ(life.at(1), "custody");
  EXPECT_EQ(life.back(), "delivered");
  EXPECT_FALSE(
      world.node(ridge).router().holds(world.store(north).people().find_message(id)->envelope))
      << "what is delivered needs no room any more";
}

TEST_F(NorthRidgeSouth, both_write_while_the_other_is_away) {
  world.set_power(south, false);
  world.run_for(2s);
  const auto from_north = world.send(north, south, "are you there");
  world.run_for(1s);
  world.set_power(north, false);
  world.set_power(south, true);
  const auto from_south = world.send(south, north, "did you write");
  world.run_for(3s);
  EXPECT_THAT(inbox(world, south), ElementsAre("are you there"));
  const auto answer = world.send(south, north, "yes, I am");
  world.run_for(1s);
  world.set_power(south, false);
  world.set_power(north, true);
  world.run_for(3s);
  EXPECT_THAT(inbox(world, north), testing::UnorderedElementsAre("did you write", "yes, I am"));
  EXPECT_EQ(state_of(world, north, from_north), MessageState::delivered);
  world.set_power(south, true);
  world.run_for(3s);
  EXPECT_EQ(state_of(world, south, from_south), MessageState::delivered);
  EXPECT_EQ(state_of(world, south, answer), MessageState::delivered);
}

TEST_F(NorthRidgeSouth, message_comes_before_the_answer_that_it_needs) {
  // West has never met south: south accepts an invitation of west and writes at once.
  const NodeIndex west = world.add_node();
  world.run_for(1s);
  ASSERT_TRUE(world.node(west).create_identity("west"));
  const std::string link = *world.node(west).invite(world.now());
  ASSERT_TRUE(world.node(south).add(link, "", world.now(), {}));
  const auto sent = world.node(south).send("west", "found you",
                                           {.priority = wire::Priority::urgent}, world.now(), {});
  ASSERT_TRUE(sent);
  // Urgent goes before normal, so the message reaches west before the answer does.
  world.connect(ridge, west, {.bytes_per_s = 2'000});
  world.run_for(10s);
  EXPECT_THAT(inbox(world, west), ElementsAre("found you"));
  EXPECT_EQ(world.node(west).contacts().size(), 1u);
  EXPECT_EQ(state_of(world, south, sent->id), MessageState::delivered);
}

TEST_F(NorthRidgeSouth, sender_is_told_that_a_message_grew_too_old) {
  world.set_power(south, false);
  world.run_for(2s);
  node::SendOptions short_lived;
  short_lived.lifetime_s = 3'600;
  const auto id = world.send(north, south, "come to the well at noon", short_lived);
  world.run_for(58min);
  EXPECT_EQ(state_of(world, north, id), MessageState::custody);
  world.run_for(3min);
  EXPECT_EQ(state_of(world, north, id), MessageState::expired);
  EXPECT_EQ(life_of(world, north, id).back(), "expired");
  EXPECT_FALSE(
      world.node(ridge).router().holds(world.store(north).people().find_message(id)->envelope));
  world.set_power(south, true);
  world.run_for(10s);
  EXPECT_TRUE(inbox(world, south).empty());
}

TEST_F(NorthRidgeSouth, a_wrong_wall_clock_breaks_nothing) {
  world.set_wall_clock(north, 0);               // 1970
  world.set_wall_clock(ridge, 14'548'204'800);  // 2431
  world.set_power(south, false);
  world.run_for(2s);
  const auto id = world.send(north, south, "what year is it");
  world.run_for(1s);
  world.crash_and_restart(ridge);
  world.set_power(south, true);
  world.run_for(3s);
  ASSERT_THAT(inbox(world, south), ElementsAre("what year is it"));
  EXPECT_LT(messages(world, south, Direction::incoming)[0].sent_unix_s, 100);
  EXPECT_EQ(state_of(world, north, id), MessageState::delivered);
}

}  // namespace
}  // namespace chaski::scenarios
