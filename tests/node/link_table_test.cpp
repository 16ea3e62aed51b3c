// SPDX-License-Identifier: Apache-2.0
// Limits of links, and what becomes of those who misbehave.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

using base::LinkRole;
using base::TransportKind;
using link::CloseReason;

std::uint64_t closes(const Node& node, CloseReason reason) {
  for (const auto& [known, count] : node.close_counts())
    if (known == reason) return count;
  return 0;
}

bool open_silent(Party& party, std::uint64_t id, base::Time now,
                 LinkRole role = LinkRole::responder) {
  return party.node->link_opened({id}, TransportKind::lan, role, 4'096, now);
}

TEST(LinkTable, handshakes_are_limited_and_our_own_dials_find_room) {
  NodeConfig config;
  config.handshakes_max = 8;
  Party party(1, config);
  const base::Time now = base::from_us(2'000'000);
  std::size_t taken = 0;
  for (std::uint64_t id = 1; id <= 10'000; ++id)
    if (open_silent(party, id, now)) ++taken;
  EXPECT_EQ(taken, 6u);
  EXPECT_EQ(party.node->handshakes(), 6u);
  EXPECT_TRUE(open_silent(party, 20'001, now, LinkRole::initiator));
  EXPECT_TRUE(open_silent(party, 20'002, now, LinkRole::initiator));
  EXPECT_EQ(closes(*party.node, CloseReason::too_many_links), 9'994u);
}

TEST(LinkTable, a_slow_handshake_makes_room_for_a_new_one) {
  NodeConfig config;
  config.handshakes_max = 4;
  Party party(1, config);
  base::Time now = base::from_us(2'000'000);
  for (std::uint64_t id = 1; id <= 3; ++id) ASSERT_TRUE(open_silent(party, id, now));
  EXPECT_FALSE(open_silent(party, 4, now + 500ms));
  EXPECT_TRUE(open_silent(party, 5, now + 1500ms));
  party.read_events();
  ASSERT_EQ(party.all<LinkClosed>().size(), 1u);
  EXPECT_EQ(party.all<LinkClosed>()[0].link, base::LinkId{1});
}

TEST(LinkTable, silent_connections_are_closed_in_time_and_their_room_comes_back) {
  Party party(1);
  base::Time now = base::from_us(2'000'000);
  for (std::uint64_t id = 1; id <= 40; ++id) ASSERT_TRUE(open_silent(party, id, now));
  now += 6s;
  party.node->wake(now);
  party.read_events();
  EXPECT_EQ(party.all<LinkClosed>().size(), 40u);
  EXPECT_EQ(party.node->handshakes(), 0u);
  EXPECT_EQ(closes(*party.node, CloseReason::handshake_timeout), 40u);
}

TEST(LinkTable, links_are_limited) {
  NodeConfig config;
  config.links_max = 2;
  Pair pair(1, config);
  pair.dial(0, TransportKind::lan);
  pair.run();
  pair.dial(0, TransportKind::ble);
  pair.run();
  ASSERT_EQ(pair.open_links().size(), 2u);
  pair.dial(0, TransportKind::serial);
  pair.run();
  EXPECT_EQ(pair.open_links().size(), 2u);
}

TEST(LinkTable, a_frame_size_that_cannot_work_is_refused) {
  Party party(1);
  EXPECT_FALSE(party.node->link_opened({1}, TransportKind::ble, LinkRole::initiator, 100,
                                       base::from_us(2'000'000)));
  EXPECT_EQ(party.node->handshakes(), 0u);
}

TEST(LinkTable, a_link_to_ourselves_is_closed) {
  Party party(1);
  const base::Time now = base::from_us(2'000'000);
  const base::LinkId out{1};
  const base::LinkId in{2};
  ASSERT_TRUE(party.node->link_opened(out, TransportKind::lan, LinkRole::initiator, 4'096, now));
  ASSERT_TRUE(party.node->link_opened(in, TransportKind::lan, LinkRole::responder, 4'096, now));
  for (int i = 0; i < 6; ++i)
    for (const auto& [from, to] : {std::pair{out, in}, std::pair{in, out}}) {
      base::Bytes frame(4'096);
      const std::size_t size = party.node->next_frame(from, frame, now);
      if (size > 0) party.node->receive(to, base::MutableByteView(frame).first(size), now);
    }
  party.read_events();
  EXPECT_TRUE(party.node->neighbours().empty());
  EXPECT_GE(closes(*party.node, CloseReason::self), 1u);
}

TEST(LinkTable, junk_on_an_open_link_ends_it_and_harms_no_other) {
  Pair pair(3);
  const base::LinkId lan = pair.dial(0);
  pair.run();
  const base::LinkId ble = pair.dial(0, TransportKind::ble);
  pair.run();
  base::Bytes junk(300, 0x5A);
  pair.a.node->receive(lan, junk, pair.now);
  pair.run();
  EXPECT_EQ(pair.open_links(), std::vector<base::LinkId>{ble});
  EXPECT_EQ(pair.a.node->neighbours().at(0).transport, TransportKind::ble);
  EXPECT_EQ(pair.b.node->neighbours().at(0).transport, TransportKind::ble);
}

TEST(LinkTable, the_other_link_takes_over_within_two_seconds) {
  Pair pair(5);
  pair.meet();
  const base::LinkId lan = pair.dial(0);
  pair.dial(1, TransportKind::ble);
  pair.run();
  ASSERT_EQ(pair.a.all<LinkOpened>().size(), 2u) << "also of the one that stands by";
  ASSERT_EQ(pair.a.node->neighbours().at(0).transport, TransportKind::lan);
  pair.wait(10s);
  ASSERT_EQ(pair.open_links().size(), 2u) << "both are alive";
  for (const auto after : {0ms, 300ms, 700ms}) {
    pair.wait(after);
    const auto silent = pair.dial(0);
    pair.run();
    pair.wait(3s);
    for (auto& [id, connection] : pair.links) connection.dead |= id == silent || id == lan;
    const auto died = pair.now;
    const std::string text = "after " + std::to_string(after.count());
    ASSERT_TRUE(pair.a.node->send("ben", text, {}, pair.now, {}));
    const std::size_t had = pair.b.store.people().message_count();
    while (pair.b.store.people().message_count() == had) {
      pair.wait(50ms);
      ASSERT_LT(pair.now - died, 2s) << text;
    }
    EXPECT_EQ(pair.a.node->neighbours().at(0).transport, TransportKind::ble);
    pair.wait(2s);
    EXPECT_EQ(pair.b.node->neighbours().at(0).transport, TransportKind::ble);
  }
}

TEST(LinkTable, close_all_says_goodbye) {
  Pair pair(4);
  pair.dial(0);
  pair.dial(1, TransportKind::ble);
  pair.run();
  pair.a.node->close_all(CloseReason::going_away, pair.now);
  pair.run();
  EXPECT_TRUE(pair.open_links().empty());
  EXPECT_TRUE(pair.a.node->neighbours().empty());
  EXPECT_TRUE(pair.b.node->neighbours().empty());
  EXPECT_EQ(pair.b.all<NeighbourDown>().size(), 1u);
  EXPECT_EQ(closes(*pair.b.node, CloseReason::silent), 0u) << "it was told, it did not time out";
  EXPECT_EQ(closes(*pair.b.node, CloseReason::peer_closed), 2u) << "the goodbye itself was lost";
}

TEST(LinkTable, a_link_that_cannot_say_goodbye_is_closed_all_the_same) {
  Pair pair(5);
  const base::LinkId id = pair.dial(0);
  pair.run();
  pair.a.node->close_all(CloseReason::going_away, pair.now);
  pair.a.events.clear();
  pair.a.node->wake(pair.now + 2s);  // its transport never had room
  pair.a.read_events();
  ASSERT_EQ(pair.a.all<LinkClosed>().size(), 1u);
  EXPECT_EQ(pair.a.all<LinkClosed>()[0].link, id);
}

TEST(LinkTable, a_neighbour_that_falls_silent_is_found_out) {
  Pair pair(6);
  const base::LinkId id = pair.dial(0);
  pair.run();
  pair.wait(30s);
  ASSERT_EQ(pair.open_links().size(), 1u) << "pings keep it alive";
  pair.links.at(id).open[1] = false;  // unplugged: nobody says so
  for (int i = 0; i < 70; ++i) {
    pair.now += 100ms;
    pair.a.node->wake(pair.now);
    pair.speak(0);
  }
  EXPECT_TRUE(pair.a.node->neighbours().empty());
  EXPECT_EQ(closes(*pair.a.node, CloseReason::silent), 1u);
}

TEST(LinkTable, unknown_links_are_ignored) {
  Party party(7);
  const base::Time now = base::from_us(2'000'000);
  base::Bytes frame(500, 1);
  party.node->receive({99}, frame, now);
  party.node->link_closed({99}, now);
  EXPECT_EQ(party.node->next_frame({99}, frame, now), 0u);
}

/// Afraid of: a new node key for each hour's quota.
TEST(LinkTable, what_a_transport_calls_one_origin_is_one_depositor_whatever_its_keys) {
  Pair pair(11);
  const auto depositor_from = [&](std::uint64_t origin) {
    pair.a.crash(pair.now);  // it makes a new node key
    const base::LinkId id = pair.dial(0, TransportKind::lan, origin);
    pair.run();
    const auto neighbours = pair.b.node->neighbours();
    EXPECT_EQ(neighbours.size(), 1u);
    const std::uint64_t depositor = neighbours.at(0).routing.depositor;
    pair.close(id, 0);
    pair.run();
    EXPECT_TRUE(pair.b.node->neighbours().empty());
    return depositor;
  };
  const std::uint64_t seven = depositor_from(7);
  EXPECT_EQ(depositor_from(7), seven);
  EXPECT_NE(depositor_from(8), seven);
  EXPECT_NE(depositor_from(0), depositor_from(0)) << "not known: each key is its own";
}

}  // namespace
}  // namespace chaski::node
