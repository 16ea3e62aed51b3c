// SPDX-License-Identifier: Apache-2.0
// Neighbours that lie, shout, stay silent or swallow: others are unharmed.
#include "tests/scenarios/story.hpp"

namespace chaski::scenarios {
namespace {

using sim::BlackHole;
using sim::JunkSpeaker;
using testing::ElementsAre;

struct Hostile : testing::Test {
  World world{WorldConfig{.seed = 21}};
  NodeIndex north = world.add_node();
  NodeIndex ridge = world.add_node();
  NodeIndex south = world.add_node();

  Hostile() {
    world.introduce(north, south);
    world.connect(north, ridge);
    world.connect(ridge, south);
  }
  void expect_message_crosses(const std::string& text) {
    const auto id = world.send(north, south, text);
    EXPECT_TRUE(world.run_until(
        [&] { return state_of(world, north, id) == MessageState::delivered; }, 10s));
    EXPECT_EQ(inbox(world, south).back(), text);
  }
};

TEST_F(Hostile, junk_at_full_speed_is_dropped_and_others_go_on) {
  auto owned = std::make_unique<JunkSpeaker>(1, JunkSpeaker::Manner::noise);
  const JunkSpeaker& junk = *owned;
  const NodeIndex stranger = world.add_actor(std::move(owned));
  world.connect(stranger, ridge);
  world.connect(north, stranger);
  world.run_for(5s);
  expect_message_crosses("through the noise");
  EXPECT_GT(junk.bytes_said(), 10'000u);
  EXPECT_LE(junk.bytes_heard(), junk.bytes_said()) << "no more is answered than came in";
  EXPECT_EQ(world.node(ridge).neighbours().size(), 2u);
}

TEST_F(Hostile, silent_connections_are_closed) {
  for (std::uint64_t i = 0; i < 80; ++i)
    world.connect(world.add_actor(std::make_unique<JunkSpeaker>(i, JunkSpeaker::Manner::silent)),
                  ridge);
  world.run_for(3s);
  EXPECT_LE(world.node(ridge).handshakes(), 64u);
  expect_message_crosses("between the silent");
  const NodeIndex late = world.add_node();
  world.connect(late, ridge);
  EXPECT_TRUE(world.run_until([&] { return linked(world, late, ridge); }, 10s))
      << "an honest node still gets in";
}

TEST_F(Hostile, a_replayed_handshake_opens_nothing) {
  // What a third party overheard when north dialled ridge: recorded here by dialling a listener.
  base::SeededRandom random(5);
  const link::NodeKey key = link::NodeKey::generate(random);
  const auto make = [&](base::LinkRole role) {
    const link::LinkConfig config{.role = role,
                                  .node_key = &key,
                                  .network_key = {},
                                  .hello = {.capabilities = 0, .frame_size_max = 4'000},
                                  .timers = {}};
    return link::Link(config, random, world.now());
  };
  link::Link victim = make(base::LinkRole::initiator);
  std::vector<base::Bytes> script;
  base::Bytes frame(4'096);
  frame.resize(victim.next_frame(frame, world.now()));
  script.push_back(frame);
  script.push_back(frame);  // and the same once more in place of the third
  world.connect(
      world.add_actor(std::make_unique<JunkSpeaker>(2, JunkSpeaker::Manner::replay, script)),
      ridge);
  world.run_for(4s);
  EXPECT_EQ(world.node(ridge).neighbours().size(), 2u);
  expect_message_crosses("no ghost listens");
}

TEST_F(Hostile, a_closed_mesh_admits_nobody_with_another_key) {
  node::NodeConfig closed;
  closed.network_key = link::NetworkKey{};
  closed.network_key->bytes[0] = 1;
  node::NodeConfig other = closed;
  other.network_key->bytes[0] = 2;
  const NodeIndex a = world.add_node(closed);
  const NodeIndex b = world.add_node(closed);
  const NodeIndex wrong = world.add_node(other);
  world.connect(a, b);
  world.connect(wrong, a);
  world.connect(b, wrong);
  world.connect(ridge, a);  // one without any key
  world.run_for(5s);
  EXPECT_TRUE(linked(world, a, b));
  EXPECT_EQ(world.node(a).neighbours().size(), 1u);
  EXPECT_EQ(world.node(b).neighbours().size(), 1u);
  EXPECT_TRUE(world.node(wrong).neighbours().empty());
}

TEST_F(Hostile, a_black_hole_swallows_nothing_for_which_there_is_another_way) {
  auto owned = std::make_unique<BlackHole>(3);
  const BlackHole& hole = *owned;
  const NodeIndex liar = world.add_actor(std::move(owned));
  world.connect(north, liar);
  world.connect(liar, south);
  world.connect(ridge, liar);
  world.set_power(south, false);
  world.run_for(2s);
  const auto id = world.send(north, south, "by the honest way");
  world.run_for(2s);
  EXPECT_GT(hole.swallowed(), 0u);
  EXPECT_EQ(state_of(world, north, id), MessageState::custody);
  world.set_power(south, true);
  EXPECT_TRUE(world.run_until([&] { return !inbox(world, south).empty(); }, 10s));
  EXPECT_THAT(inbox(world, south), ElementsAre("by the honest way"));
}

TEST_F(Hostile, a_black_hole_alone_does_not_make_the_sender_forget) {
  world.disconnect(north, ridge);
  const NodeIndex liar = world.add_actor(std::make_unique<BlackHole>(4));
  world.connect(north, liar);
  world.run_for(2s);
  const auto id = world.send(north, south, "kept until it is delivered");
  world.run_for(60s);
  EXPECT_EQ(state_of(world, north, id), MessageState::custody) << "not delivered";
  world.connect(north, ridge);
  EXPECT_TRUE(
      world.run_until([&] { return state_of(world, north, id) == MessageState::delivered; }, 10s));
}

}  // namespace
}  // namespace chaski::scenarios
