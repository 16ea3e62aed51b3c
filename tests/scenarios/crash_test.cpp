// SPDX-License-Identifier: Apache-2.0
// Nodes that die at the worst moment: nothing accepted is lost, nothing comes twice.
#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

using testing::ElementsAre;

struct Crash : testing::Test {
  World world{WorldConfig{.seed = 11}};
  NodeIndex north = world.add_node();
  NodeIndex ridge = world.add_node();
  NodeIndex south = world.add_node();

  Crash() {
    world.introduce(north, south);
    world.connect(north, ridge);
    world.connect(ridge, south);
    world.run_for(2s);
  }
  void send_many(int count) {
    for (int i = 0; i < count; ++i) world.send(north, south, "number " + std::to_string(i));
  }
  void expect_all_once(std::size_t count) {
    std::vector<std::string> texts = inbox(world, south);
    EXPECT_EQ(texts.size(), count);
    std::sort(texts.begin(), texts.end());
    EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end()) << "something came twice";
    for (const MessageRecord& message : messages(world, north, Direction::outgoing))
      EXPECT_EQ(message.state, MessageState::delivered) << message.text;
  }
};

TEST_F(Crash, sender_dies_right_after_send_returned) {
  send_many(20);
  world.crash_and_restart(north);
  world.run_for(5s);
  expect_all_once(20);
}

TEST_F(Crash, relay_dies_at_any_moment_of_a_thousand_messages) {
  for (int moment = 0; moment < 40; ++moment) {
    SCOPED_TRACE(moment);
    World fresh{WorldConfig{.seed = 100 + static_cast<std::uint64_t>(moment)}};
    const NodeIndex a = fresh.add_node();
    const NodeIndex b = fresh.add_node();
    const NodeIndex c = fresh.add_node();
    fresh.introduce(a, c);
    fresh.connect(a, b);
    fresh.connect(b, c);
    fresh.run_for(1s);
    for (int i = 0; i < 200; ++i) fresh.send(a, c, std::to_string(i));
    fresh.run_for(std::chrono::milliseconds(moment));
    fresh.crash_and_restart(b);
    fresh.run_for(std::chrono::milliseconds(1'000 + moment * 3));
    fresh.crash_and_restart(moment % 2 == 0 ? b : c);
    fresh.run_for(10s);
    std::vector<std::string> texts = inbox(fresh, c);
    ASSERT_EQ(texts.size(), 200u);
    std::sort(texts.begin(), texts.end());
    ASSERT_EQ(std::unique(texts.begin(), texts.end()), texts.end());
  }
}

TEST_F(Crash, relay_that_took_custody_keeps_it) {
  world.set_power(south, false);
  world.run_for(1s);
  const auto id = world.send(north, south, "hold this");
  ASSERT_TRUE(
      world.run_until([&] { return state_of(world, north, id) == MessageState::custody; }, 2s));
  world.crash_and_restart(ridge);
  world.set_power(north, false);
  world.set_power(south, true);
  world.run_for(4s);
  EXPECT_THAT(inbox(world, south), ElementsAre("hold this"));
}

TEST_F(Crash, recipient_dies_at_any_moment_and_reads_everything_once) {
  send_many(100);
  for (int i = 0; i < 60; ++i) {
    world.run_for(std::chrono::milliseconds(1 + 5 * i));
    world.crash_and_restart(south);
  }
  world.run_for(10s);
  expect_all_once(100);
}

TEST_F(Crash, failed_commit_is_a_crash_and_heals) {
  send_many(10);
  world.store(ridge).fail_commits(mesh_router::StoreError::broken);
  world.run_for(3s);
  EXPECT_TRUE(inbox(world, south).empty());
  world.store(ridge).fail_commits(std::nullopt);
  world.run_for(5s);
  expect_all_once(10);
}

TEST_F(Crash, full_disk_at_the_relay_refuses_loses_nothing_and_recovers) {
  world.set_power(south, false);
  world.run_for(1s);
  send_many(5);
  world.run_for(1s);
  world.set_disk_full(ridge, true);
  const auto refused = world.send(north, south, "number 5");
  world.run_for(4s);
  EXPECT_EQ(state_of(world, north, refused), MessageState::accepted);
  EXPECT_EQ(life_of(world, north, refused).back(), "refused");
  EXPECT_TRUE(linked(world, north, ridge));
  world.crash_and_restart(ridge);
  world.run_for(2s);
  world.set_disk_full(ridge, false);
  world.run_for(10s);
  EXPECT_EQ(state_of(world, north, refused), MessageState::custody);
  world.set_power(south, true);
  world.run_for(5s);
  expect_all_once(6);
}

TEST_F(Crash, full_disk_at_the_recipient_waits_until_there_is_room) {
  world.set_disk_full(south, true);
  send_many(5);
  world.run_for(5s);
  EXPECT_TRUE(inbox(world, south).empty());
  world.set_disk_full(south, false);
  world.run_for(10s);
  expect_all_once(5);
}

}  // namespace
}  // namespace chaski::scenarios
