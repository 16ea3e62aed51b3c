// SPDX-License-Identifier: Apache-2.0
// People who met weeks ago. Afraid of: answers and lists that are still carried when the scenario
// begins, a session or a list that did not come about, clocks that do not agree afterwards.
#include "sim/people/acquaintance.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

using Pairs = std::vector<std::pair<NodeIndex, NodeIndex>>;

struct Acquaintance : testing::Test {
  Acquaintance() {
    for (int i = 0; i < 5; ++i) world.add_node();
    acquaint_long_ago(world, pairs);
  }
  /// 0 knows many, 4 nobody.
  const Pairs pairs{{0, 1}, {0, 2}, {0, 3}, {1, 2}};
  World world{WorldConfig{.seed = 7}};
};

TEST_F(Acquaintance, nothing_of_it_is_left_to_be_carried) {
  EXPECT_EQ(world.now(), base::Time{});
  EXPECT_EQ(world.frames(), 0u);
  for (NodeIndex node = 0; node < 5; ++node) {
    EXPECT_EQ(world.look_at(node).router().usage().envelopes, 0u) << "node " << node;
  }
  // Who meets now has nothing to say.
  world.connect(0, 4);
  world.run_for(1h);
  EXPECT_EQ(world.look_at(4).router().usage().envelopes, 0u);
}

TEST_F(Acquaintance, each_has_a_session_and_standing_invitations_of_the_other) {
  for (const auto& [a, b] : pairs) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to));
      const auto contacts = world.look_at(from).contacts();
      const std::string name = World::name_of(to);
      const auto found = std::find_if(
          contacts.begin(), contacts.end(),
          [&name](const auto& contact) { return contact.name == name; });
      ASSERT_NE(found, contacts.end());
      EXPECT_EQ(found->standing, 8u);
    }
  }
}

TEST_F(Acquaintance, texts_are_read_at_once_also_after_a_crash) {
  std::vector<NodeIndex> read;
  world.on_event([&](NodeIndex node, const node::NodeEvent& event) {
    const auto* changed = std::get_if<node::MessageChanged>(&event);
    if (changed == nullptr) return;
    const auto record = world.store(node).people().find_message(changed->message);
    if (record && record->direction == node::Direction::incoming) read.push_back(node);
  });
  world.connect(0, 1);
  world.run_for(1s);
  world.send(0, 1, "to the bridge");
  world.run_for(1s);
  EXPECT_EQ(read, std::vector<NodeIndex>{1});
  world.crash_and_restart(0);
  world.crash_and_restart(1);
  world.run_for(5s);
  world.send(1, 0, "seen");
  world.run_for(1s);
  EXPECT_EQ(read, (std::vector<NodeIndex>{1, 0}));
  const auto messages = world.store(1).people().messages({});
  ASSERT_FALSE(messages.empty());
  EXPECT_GT(messages.front().sent_unix_s, 1'700'000'000 + 28 * 86'400) << "clocks went on";
}

}  // namespace
}  // namespace chaski::sim
