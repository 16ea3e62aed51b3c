// SPDX-License-Identifier: Apache-2.0
// Two who never met, as whole nodes: a card, its answer through the mesh or by hand.
#include "tests/node/card_owner.hpp"
#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

/// Both ends as whole nodes.
struct CardPair : testing::Test {
  Pair pair{9};
  WallTime wall{kCardWall};
  CardPair() {
    EXPECT_TRUE(pair.a.node->create_identity("ana"));
    EXPECT_TRUE(pair.b.node->create_identity("ben"));
    pair.a.node->set_wall_time(wall);
    pair.b.node->set_wall_time(wall);
  }
  std::string card(const CardRequest& request = {.price_bits = 16}) {
    const auto given = pair.a.node->card(request, pair.now, wall);
    EXPECT_TRUE(given);
    pair.a.settle(pair.now);
    return given->link;
  }
  void work() {
    for (int i = 0; i < 10'000 && !pair.b.node->work().empty(); ++i) {
      pair.now = std::max(pair.now, *pair.b.node->next_wakeup());
      pair.b.node->wake(pair.now);
      pair.b.settle(pair.now);
    }
    EXPECT_TRUE(pair.b.node->work().empty());
  }
};

TEST_F(CardPair, two_who_never_met_talk_through_the_mesh) {
  const auto added = pair.b.node->add(card(), "", pair.now, wall);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->contact.name, "ana");
  EXPECT_EQ(added->contact.met, Met::card);
  EXPECT_EQ(added->contact.trust, Trust::unverified);
  ASSERT_TRUE(pair.b.node->send("ana", "we never met", {}, pair.now, wall));
  work();
  pair.dial(1);
  pair.run();
  EXPECT_EQ(pair.a.inbox(), std::vector<std::string>{"we never met"});
  ASSERT_TRUE(pair.a.node->find_contact("ben"));
  EXPECT_EQ(pair.a.node->find_contact("ben")->met, Met::card);
  EXPECT_EQ(pair.a.all<ContactChanged>().size(), 1u);
  ASSERT_TRUE(pair.a.node->send("ben", "but now we talk", {}, pair.now, wall));
  pair.run();
  EXPECT_EQ(pair.b.inbox(), std::vector<std::string>{"but now we talk"});
}

TEST_F(CardPair, the_answer_by_hand_needs_no_stamp_and_counts_once) {
  const auto added = pair.b.node->add(card(), "", pair.now, wall);
  ASSERT_TRUE(added && added->answer_link);
  const auto there = pair.a.node->add(*added->answer_link, "benny", pair.now, wall);
  ASSERT_TRUE(there) << to_string(there.error());
  EXPECT_EQ(there->contact.met, Met::card);
  EXPECT_EQ(pair.a.node->add(*added->answer_link, "", pair.now, wall).error(),
            PersonError::contact_exists);
  work();
  pair.dial(1);
  pair.run();
  EXPECT_EQ(pair.a.node->contacts().size(), 1u) << "through the mesh it is the same answer";
  EXPECT_EQ(pair.a.node->find_contact("benny")->sessions, 1u);
  pair.a.crash(pair.now);
  EXPECT_EQ(pair.a.node->find_contact("benny")->sessions, 1u);
}

TEST_F(CardPair, what_a_card_may_not_do) {
  EXPECT_EQ(pair.a.node->add(card(), "", pair.now, wall).error(), PersonError::own_link);
  const std::string link = card({.days = 1, .price_bits = 16});
  EXPECT_EQ(pair.b.node->add(link, "", pair.now, {kCardWall + 172'800}).error(),
            PersonError::card_expired);
  std::string damaged = link;
  damaged[40] = damaged[40] == 'a' ? 'b' : 'a';
  EXPECT_EQ(pair.b.node->add(damaged, "", pair.now, wall).error(), PersonError::damaged_link);
  e2ee::Card forged = *e2ee::parse_card(link);
  forged.name = "somebody else";
  EXPECT_EQ(pair.b.node->add(e2ee::to_link(forged), "", pair.now, wall).error(),
            PersonError::forged_card);
  EXPECT_TRUE(pair.b.node->contacts().empty());
  // A machine that does not know what day it is may take it.
  EXPECT_TRUE(pair.b.node->add(link, "", pair.now, {}));
}

TEST_F(CardPair, one_card_may_be_answered_again_when_the_first_answer_was_lost) {
  const std::string link = card();
  ASSERT_TRUE(pair.b.node->add(link, "", pair.now, wall));
  ASSERT_TRUE(pair.b.node->cancel_work("ana"));
  const auto again = pair.b.node->add(link, "", pair.now, wall);
  ASSERT_TRUE(again) << to_string(again.error());
  ASSERT_TRUE(pair.a.node->add(*again->answer_link, "", pair.now, wall));
  ASSERT_TRUE(pair.b.node->send("ana", "second try", {}, pair.now, wall));
  pair.dial(0);
  pair.run();
  EXPECT_EQ(pair.a.inbox(), std::vector<std::string>{"second try"});
}

/// Ana publishes, over as many restarts as the test wants.
struct PublishedCard : CardPair {
  void publish() {
    const auto given =
        pair.a.node->card({.price_bits = 16, .publish = true}, pair.now, wall);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->published, CardPublished::working);
    pair.a.settle(pair.now);
  }
  void finish() {
    for (int i = 0; i < 100'000; ++i) {
      if (pair.a.node->own_cards().at(0).published == CardPublished::yes) return;
      pair.now = std::max(pair.now, *pair.a.node->next_wakeup());
      pair.a.node->wake(pair.now);
      pair.a.settle(pair.now);
    }
    FAIL() << "no stamp was found";
  }
};

TEST_F(PublishedCard, is_heard_carried_on_and_answered) {
  publish();
  EXPECT_EQ(pair.a.node->router().usage().envelopes, 0u) << "it has left without its stamp";
  finish();
  EXPECT_EQ(pair.a.node->own_cards()[0].published_unix_s, kCardWall);
  EXPECT_TRUE(pair.a.node->heard_cards().empty()) << "one's own is no card of others";
  pair.dial(1);
  pair.run();
  const auto heard = pair.b.node->heard_cards();
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(heard[0].name, "ana");
  EXPECT_EQ(heard[0].link, pair.a.node->own_cards()[0].link);
  EXPECT_EQ(heard[0].contact, "");
  EXPECT_EQ(pair.b.node->router().usage().envelopes, 1u) << "it goes on its way";
  EXPECT_TRUE(pair.b.node->contacts().empty()) << "a card is no contact";
  pair.b.settle(pair.now);
  pair.b.crash(pair.now);
  pair.b.node->set_wall_time(wall);
  ASSERT_EQ(pair.b.node->heard_cards().size(), 1u);

  std::string shouted = heard[0].fingerprint;
  for (char& c : shouted) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const auto link = pair.b.node->heard_card(shouted);
  ASSERT_TRUE(link);
  EXPECT_EQ(pair.b.node->heard_card("aaaa bbbb cccc dddd").error(), PersonError::unknown_card);
  const auto added = pair.b.node->add(*link, "", pair.now, wall);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->contact.trust, Trust::unverified);
  EXPECT_EQ(pair.b.node->heard_cards()[0].contact, "ana");
  ASSERT_TRUE(pair.a.node->add(*added->answer_link, "", pair.now, wall));
}

TEST_F(PublishedCard, survives_a_crash_of_its_owner_and_is_taken_back) {
  publish();
  for (int crash = 0; crash < 3; ++crash) {
    pair.a.node->wake(*pair.a.node->next_wakeup());
    pair.a.crash(pair.now);
    pair.a.node->set_wall_time(wall);
    ASSERT_EQ(pair.a.node->own_cards().at(0).published, CardPublished::working);
  }
  finish();
  pair.a.crash(pair.now);
  EXPECT_EQ(pair.a.node->own_cards().at(0).published, CardPublished::yes);
  EXPECT_EQ(pair.a.node->router().usage().envelopes, 1u);
  publish();
  ASSERT_TRUE(pair.a.node->withdraw_cards());
  pair.a.settle(pair.now);
  EXPECT_TRUE(pair.a.node->own_cards().empty());
  pair.a.crash(pair.now);
  for (int i = 0; i < 100; ++i) pair.a.node->wake(pair.now += std::chrono::milliseconds(4));
  EXPECT_EQ(pair.a.node->router().usage().envelopes, 1u) << "nothing more is published";
}

TEST(PublishedCards, wait_for_a_person_who_comes_later) {
  Pair pair(11);
  const WallTime wall{kCardWall};
  ASSERT_TRUE(pair.a.node->create_identity("ana"));
  for (Party* party : {&pair.a, &pair.b}) party->node->set_wall_time(wall);
  ASSERT_TRUE(pair.a.node->card({.publish = true}, pair.now, wall));
  while (pair.a.node->own_cards().at(0).published != CardPublished::yes) {
    pair.now = std::max(pair.now, *pair.a.node->next_wakeup());
    pair.a.node->wake(pair.now);
    pair.a.settle(pair.now);
  }
  pair.dial(0);
  pair.run();
  EXPECT_EQ(pair.b.node->router().usage().envelopes, 1u);
  EXPECT_TRUE(pair.b.node->heard_cards().empty()) << "nobody is there to look";
  ASSERT_TRUE(pair.b.node->create_identity("late"));
  pair.b.node->wake(pair.now);
  EXPECT_EQ(pair.b.node->heard_cards().size(), 1u);
}

TEST_F(CardPair, a_flood_is_waited_out_and_the_late_one_comes_in_by_itself) {
  const e2ee::Card given = *e2ee::parse_card(card());
  std::vector<std::string> late;
  // Ben's node carries answers of strangers, more than may open at once.
  for (std::uint64_t i = 0; i < 34; ++i) {
    Party other(500 + i);
    ASSERT_TRUE(other.node->create_identity("p" + std::to_string(i)));
    const auto added = other.node->add(e2ee::to_link(given), "", pair.now, wall);
    ASSERT_TRUE(added);
    late.push_back(*added->answer_link);
    Pair road(600 + i);
    while (!other.node->work().empty()) {
      pair.now = std::max(pair.now, *other.node->next_wakeup());
      other.node->wake(pair.now);
      other.settle(pair.now);
    }
    // Over a link of their own to ben.
    std::array<std::deque<base::Bytes>, 2> to;
    const base::LinkId id{10'000 + i};
    std::array<Party*, 2> sides{&pair.b, &other};
    for (const std::size_t side : {0u, 1u})
      ASSERT_TRUE(sides[side]->node->link_opened(
          id, base::TransportKind::lan,
          side == 0 ? base::LinkRole::initiator : base::LinkRole::responder, Pair::kFrame,
          pair.now));
    for (int rounds = 0; rounds < 200; ++rounds) {
      for (const std::size_t side : {0u, 1u}) {
        sides[side]->settle(pair.now);
        base::Bytes frame(Pair::kFrame);
        while (const std::size_t size = sides[side]->node->next_frame(id, frame, pair.now)) {
          base::Bytes copy(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
          sides[1 - side]->node->receive(id, copy, pair.now);
        }
      }
    }
    pair.b.node->link_closed(id, pair.now);
  }
  pair.dial(1);
  pair.run();
  const std::size_t at_once = pair.a.node->contacts().size();
  EXPECT_EQ(at_once, 32u);
  for (int minute = 0; minute < 3; ++minute) {
    pair.now += std::chrono::minutes(1);
    pair.a.node->wake(pair.now);
    pair.a.settle(pair.now);
  }
  EXPECT_EQ(pair.a.node->contacts().size(), 34u);
}

}  // namespace
}  // namespace chaski::node
