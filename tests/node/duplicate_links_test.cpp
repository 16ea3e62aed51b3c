// SPDX-License-Identifier: Apache-2.0
// Two links between the same two nodes: both ends must keep the same one, whatever crosses.
#include <gtest/gtest.h>

#include "node/link_preference.hpp"
#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

using base::LinkRole;
using base::TransportKind;

link::NodePublicKey key(std::uint8_t first) {
  link::NodePublicKey out;
  out.bytes[0] = first;
  return out;
}

TEST(LinkPreference, both_ends_order_links_alike) {
  const auto small = key(1);
  const auto large = key(2);
  const LinkRank dialled{TransportKind::lan, LinkRole::initiator, 1};
  const LinkRank taken{TransportKind::lan, LinkRole::responder, 2};
  EXPECT_TRUE(carries_before(dialled, taken, small, large));
  EXPECT_FALSE(carries_before(taken, dialled, small, large));
  EXPECT_FALSE(carries_before(dialled, taken, large, small));
  EXPECT_TRUE(carries_before(taken, dialled, large, small));
}

TEST(LinkPreference, the_better_transport_goes_first) {
  const LinkRank ble{TransportKind::ble, LinkRole::initiator, 9};
  const LinkRank lan{TransportKind::lan, LinkRole::responder, 1};
  for (const auto& [us, peer] : {std::pair{key(1), key(2)}, std::pair{key(2), key(1)}}) {
    EXPECT_TRUE(carries_before(lan, ble, us, peer));
    EXPECT_FALSE(carries_before(ble, lan, us, peer));
  }
  EXPECT_FALSE(closes_duplicate(lan, ble)) << "it stands by";
}

TEST(LinkPreference, only_the_initiator_of_the_kept_one_closes) {
  const LinkRank dialled{TransportKind::lan, LinkRole::initiator, 1};
  const LinkRank taken{TransportKind::lan, LinkRole::responder, 2};
  EXPECT_TRUE(closes_duplicate(dialled, taken));
  EXPECT_FALSE(closes_duplicate(taken, dialled));
}

/// `dials` names who dials each link. Every order of delivery that the seeds reach must end with
/// one link, open at both ends, and messages must cross whatever was closed meanwhile.
void expect_one_link(const std::vector<std::size_t>& dials, std::uint64_t seeds) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Pair pair(seed);
    base::SeededRandom order(seed);
    pair.meet();
    ASSERT_TRUE(pair.a.node->send("ben", "from ana", {}, pair.now, {}));
    ASSERT_TRUE(pair.b.node->send("ana", "from ben", {}, pair.now, {}));
    for (std::size_t from : dials) {
      pair.dial(from);
      for (std::uint64_t moves = order.below(8); moves > 0; --moves) {
        pair.speak(0);
        pair.speak(1);
        for (auto& [id, c] : pair.links) pair.deliver(id, order.below(2));
      }
    }
    ASSERT_NO_FATAL_FAILURE(pair.run(&order));
    ASSERT_EQ(pair.open_links().size(), 1u);
    ASSERT_EQ(pair.a.node->neighbours().size(), 1u);
    ASSERT_EQ(pair.b.node->neighbours().size(), 1u);
    ASSERT_EQ(pair.a.node->neighbours()[0].routing.link, pair.b.node->neighbours()[0].routing.link);
    ASSERT_EQ(pair.a.node->neighbours()[0].links, 1u);
    ASSERT_EQ(pair.b.inbox(), std::vector<std::string>{"from ana"});
    ASSERT_EQ(pair.a.inbox(), std::vector<std::string>{"from ben"});
    ASSERT_EQ(pair.a.all<NeighbourUp>().size(), pair.a.all<NeighbourDown>().size() + 1);
  }
}

TEST(DuplicateLinks, both_dial_at_once) {
  expect_one_link({0, 1}, 300);
}
TEST(DuplicateLinks, one_dials_twice) {
  expect_one_link({0, 0}, 200);
}
TEST(DuplicateLinks, everybody_dials_often) {
  expect_one_link({0, 1, 0, 1, 1}, 200);
}

// The rule once let the responder of the kept link close the other one. But the responder opens
// first: had the new link died before its initiator knew that it was open, both would have been
// lost.
TEST(DuplicateLinks, the_old_link_stays_until_the_new_one_is_open_at_both_ends) {
  Pair pair(2);
  const bool a_first = pair.a.node->node_key() < pair.b.node->node_key();
  const std::size_t small = a_first ? 0 : 1;
  const base::LinkId old = pair.dial(1 - small);
  pair.run();
  const base::LinkId fresh = pair.dial(small);
  const auto both_have_old = [&] {
    pair.speak(0);
    pair.speak(1);
    return pair.links.at(old).open[0] && pair.links.at(old).open[1];
  };
  ASSERT_TRUE(both_have_old());
  ASSERT_TRUE(pair.deliver(fresh, 1 - small));
  ASSERT_TRUE(both_have_old());
  ASSERT_TRUE(pair.deliver(fresh, small));
  ASSERT_TRUE(both_have_old());
  ASSERT_TRUE(pair.deliver(fresh, 1 - small));
  ASSERT_EQ(pair.side(1 - small).node->neighbours().at(0).links, 2u) << "open at the responder";
  ASSERT_TRUE(both_have_old());
  ASSERT_TRUE(pair.deliver(fresh, small));
  EXPECT_FALSE(both_have_old()) << "now it is open at both ends";
  pair.run();
  EXPECT_EQ(pair.open_links(), std::vector<base::LinkId>{fresh});
}

TEST(DuplicateLinks, a_better_transport_takes_over_and_gives_back) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Pair pair(seed);
    base::SeededRandom order(seed);
    pair.meet();
    pair.dial(seed % 2, TransportKind::ble);
    pair.run(&order);
    ASSERT_EQ(pair.a.node->neighbours().at(0).transport, TransportKind::ble);

    ASSERT_TRUE(pair.a.node->send("ben", "one", {}, pair.now, {}));
    const base::LinkId lan = pair.dial(seed / 2 % 2, TransportKind::lan);
    pair.run(&order);
    ASSERT_EQ(pair.open_links().size(), 2u) << "the other stands by";
    for (std::size_t i : {0u, 1u}) {
      ASSERT_EQ(pair.side(i).node->neighbours().size(), 1u);
      ASSERT_EQ(pair.side(i).node->neighbours()[0].transport, TransportKind::lan);
      ASSERT_EQ(pair.side(i).node->neighbours()[0].links, 2u);
    }
    ASSERT_TRUE(pair.b.node->send("ana", "two", {}, pair.now, {}));
    pair.run(&order);

    // One end notices first that the network is gone; what it sends meanwhile must not be lost.
    auto& c = pair.links.at(lan);
    c.open = {false, false};
    c.to = {};
    pair.side(seed % 2).node->link_closed(lan, pair.now);
    ASSERT_TRUE(
        pair.side(seed % 2).node->send(seed % 2 == 0 ? "ben" : "ana", "three", {}, pair.now, {}));
    pair.run(&order);
    pair.side(1 - seed % 2).node->link_closed(lan, pair.now);
    ASSERT_TRUE(pair.a.node->send("ben", "four", {}, pair.now, {}));
    pair.run(&order);
    ASSERT_EQ(pair.a.node->neighbours().at(0).transport, TransportKind::ble);
    std::vector<std::string> all = pair.a.inbox();
    for (const std::string& text : pair.b.inbox()) all.push_back(text);
    std::sort(all.begin(), all.end());
    ASSERT_EQ(all, (std::vector<std::string>{"four", "one", "three", "two"}));
  }
}

}  // namespace
}  // namespace chaski::node
