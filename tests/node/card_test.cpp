// SPDX-License-Identifier: Apache-2.0
// Cards of ours: which is given, who answers it, and that no answer opens twice.
#include "tests/node/card_owner.hpp"

namespace chaski::node {
namespace {

using mesh_router::Claim;
constexpr auto kDay = std::chrono::hours(24);

struct Cards : testing::Test {
  CardOwner ana{5};
  Stranger ben{50, "ben"};
  Stranger eve{51, "eve"};
};

TEST_F(Cards, the_same_one_is_given_until_half_of_its_life_is_over) {
  const auto first = ana.give({});
  ASSERT_TRUE(first && first->made);
  EXPECT_EQ(first->price_bits, CardDesk::kPriceDefault);
  EXPECT_EQ(first->expires_unix_s - first->issued_unix_s, 30 * 24 * 3600);
  ana.pass(14 * kDay);
  const auto again = ana.give({});
  EXPECT_EQ(again->link, first->link);
  EXPECT_FALSE(again->made);
  ana.pass(2 * kDay);
  const auto next = ana.give({});
  EXPECT_TRUE(next->made);
  EXPECT_NE(e2ee::parse_card(next->link)->prekey, e2ee::parse_card(first->link)->prekey);
  EXPECT_EQ(ana.cards().list().size(), 2u);
}

TEST_F(Cards, another_one_is_made_when_it_is_to_differ) {
  const auto first = ana.give({});
  EXPECT_TRUE(ana.give({.fresh = true})->made);
  EXPECT_TRUE(ana.give({.days = 7})->made);
  EXPECT_TRUE(ana.give({.price_bits = 22})->made);
  EXPECT_FALSE(ana.give({.price_bits = 22})->made);
  ASSERT_TRUE(ana.parts->meeting.rename_owner("anna"));
  const auto renamed = ana.give({});
  EXPECT_TRUE(renamed->made);
  EXPECT_EQ(e2ee::parse_card(renamed->link)->name, "anna");
  // Made in the same second, each counts for more than those before.
  std::int64_t issued = first->issued_unix_s;
  for (const OwnCardInfo& card : ana.cards().list()) {
    EXPECT_GE(card.issued_unix_s, issued);
    issued = card.issued_unix_s + 1;
  }
}

TEST_F(Cards, bounds_of_what_may_be_asked) {
  EXPECT_EQ(ana.give({.days = 0}).error(), PersonError::bad_card_days);
  EXPECT_EQ(ana.give({.days = 91}).error(), PersonError::bad_card_days);
  EXPECT_TRUE(ana.give({.days = 90}));
  EXPECT_EQ(ana.give({.price_bits = 15}).error(), PersonError::bad_card_price);
  EXPECT_EQ(ana.give({.price_bits = 25}).error(), PersonError::bad_card_price);
  std::vector<wire::DeliveryTag> fresh;
  EXPECT_EQ(ana.cards().give({}, ana.now, 0, fresh).error(), PersonError::bad_clock);
  EXPECT_EQ(ana.cards().give({}, ana.now, INT64_MAX, fresh).error(), PersonError::bad_clock);
  EXPECT_TRUE(fresh.empty());
}

TEST_F(Cards, no_more_are_kept_than_the_bound_and_those_that_are_over_go_first) {
  const e2ee::Card shortest = ana.card({.days = 1, .price_bits = 16});
  for (std::size_t i = 1; i < CardDesk::kCardsMax; ++i) ASSERT_TRUE(ana.give({.fresh = true}));
  EXPECT_EQ(ana.give({.fresh = true}).error(), PersonError::too_many_cards);
  ana.pass(2 * kDay);
  ASSERT_TRUE(ana.give({.fresh = true}));
  EXPECT_EQ(ana.cards().list().size(), CardDesk::kCardsMax);
  EXPECT_EQ(ana.hear(ben.answer(shortest).answer), Claim::not_ours) << "its secret is gone";
}

TEST_F(Cards, an_answer_makes_an_unverified_contact_that_came_by_a_card) {
  auto accepted = ben.answer(ana.card(), 7);
  EXPECT_EQ(ana.hear(accepted.answer), Claim::consumed);
  const auto contact = ana.find("ben");
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->trust, Trust::unverified);
  EXPECT_EQ(contact->met, Met::card);
  EXPECT_EQ(contact->identity, ben.identity.public_identity());
  EXPECT_EQ(ana.hear(Stranger::write(accepted.session, "hello", ben.random)), Claim::consumed);
  // The next one too: it is for any number of people.
  EXPECT_EQ(ana.hear(eve.answer(ana.card()).answer), Claim::consumed);
  EXPECT_EQ(ana.cards().list()[0].answers, 2u);
  ana.commit();
  ana.crash();
  EXPECT_EQ(ana.find("ben")->met, Met::card);
  EXPECT_EQ(ana.cards().list()[0].answers, 2u);
}

TEST_F(Cards, an_answer_never_opens_twice_whatever_it_comes_in) {
  const auto accepted = ben.answer(ana.card());
  ASSERT_EQ(ana.hear(accepted.answer), Claim::consumed);
  for (int i = 0; i < 3; ++i) {
    // Another envelope, and another stamp that was worked for.
    EXPECT_EQ(ana.hear(accepted.answer), Claim::not_ours);
    EXPECT_EQ(ana.hear(ben.paid(*accepted.unpaid)), Claim::not_ours);
    ana.commit();
    ana.crash();
  }
  EXPECT_EQ(ana.find("ben")->sessions, 1u);
  EXPECT_EQ(ana.cards().list()[0].answers, 1u);
}

TEST_F(Cards, what_a_crash_forgets_opens_again_and_what_it_keeps_does_not) {
  const e2ee::Card card = ana.card();
  ana.commit();
  const auto accepted = ben.answer(card);
  ASSERT_EQ(ana.hear(accepted.answer), Claim::consumed);
  ana.crash();
  EXPECT_FALSE(ana.find("ben")) << "neither the contact nor that it was opened";
  EXPECT_EQ(ana.hear(accepted.answer), Claim::consumed);
  ana.commit();
  ana.crash();
  EXPECT_TRUE(ana.find("ben"));
  EXPECT_EQ(ana.hear(accepted.answer), Claim::not_ours);
}

TEST_F(Cards, without_its_stamp_an_answer_costs_no_token) {
  const e2ee::Card card = ana.card();
  const auto accepted =
      e2ee::accept_invite(ben.identity, "ben", e2ee::card_invite(card), ben.random);
  for (int i = 0; i < 1'000; ++i) {
    e2ee::Answer junk = accepted->answer;
    if (i % 2 == 0) ben.random.fill(base::MutableByteView(junk.body));
    ASSERT_EQ(ana.hear(junk), Claim::not_ours);
  }
  EXPECT_EQ(ana.hear(ben.paid(*accepted->unpaid)), Claim::consumed);
}

TEST_F(Cards, paid_junk_costs_tokens_and_is_not_tried_again) {
  const e2ee::Card card = ana.card();
  const auto good = ben.answer(card);
  const wire::DeliveryTag tag = good.answer.tag;
  const e2ee::InvitePublic invite = e2ee::card_invite(card);
  std::vector<wire::DeliveryTag> fresh;
  for (std::int64_t i = 0; i < CardDesk::kFailedOpensBurst; ++i) {
    e2ee::Answer junk{tag, base::Bytes(good.answer.body.size())};
    eve.random.fill(base::MutableByteView(junk.body));
    junk = eve.paid({junk, e2ee::answer_subject(invite.rendezvous, junk.body), card.price_bits});
    const auto taken =
        ana.cards().take(tag, eve.random.bytes<wire::EnvelopeId>(), junk.body, ana.now, fresh);
    EXPECT_FALSE(taken.opened || taken.later);
  }
  const auto id = eve.random.bytes<wire::EnvelopeId>();
  const auto taken = ana.cards().take(tag, id, good.answer.body, ana.now, fresh);
  EXPECT_FALSE(taken.opened);
  ASSERT_TRUE(taken.later);
  EXPECT_TRUE(ana.cards().take(tag, id, good.answer.body, *taken.later, fresh).opened);
}

TEST_F(Cards, a_flood_of_answers_makes_contacts_one_a_minute) {
  const e2ee::Card card = ana.card();
  std::vector<wire::DeliveryTag> fresh;
  const auto knock = [&](const e2ee::Answer& answer) {
    return ana.cards().take(answer.tag, ana.random.bytes<wire::EnvelopeId>(), answer.body, ana.now,
                            fresh);
  };
  for (std::int64_t i = 0; i < CardDesk::kOpenedBurst; ++i) {
    Stranger one(1'000 + static_cast<std::uint64_t>(i), "one");
    EXPECT_TRUE(knock(one.answer(card).answer).opened) << i;
  }
  const auto honest = ben.answer(card).answer;
  const auto taken = knock(honest);
  EXPECT_FALSE(taken.opened);
  ASSERT_TRUE(taken.later);
  EXPECT_EQ(*taken.later, ana.now + CardDesk::kOpenedEvery);
  ana.pass(CardDesk::kOpenedEvery);
  EXPECT_TRUE(knock(honest).opened);
  EXPECT_EQ(ana.parts->contacts.size(), 33u);
  EXPECT_TRUE(ana.find("one-32")) << "names are told apart";
}

TEST_F(Cards, a_card_with_as_many_answers_as_are_remembered_opens_no_more) {
  const e2ee::Card card = ana.card();
  const wire::DeliveryTag tag = e2ee::card_pending({{}, card}).answer_tag();
  base::Bytes body(376);
  for (std::size_t i = 0; i + 1 < CardAnswers::kMax; ++i) {
    ana.random.fill(base::MutableByteView(body));
    ana.cards().opened(tag, body);
  }
  const auto last = ben.answer(card).answer;
  EXPECT_EQ(ana.hear(last), Claim::consumed);
  EXPECT_TRUE(ana.cards().full(tag));
  const auto late = eve.answer(card).answer;
  EXPECT_EQ(ana.hear(late), Claim::not_ours);
  ana.commit();
  ana.crash();
  EXPECT_EQ(ana.cards().list()[0].answers, CardAnswers::kMax);
  EXPECT_EQ(ana.hear(last), Claim::not_ours) << "the last of 16 values is remembered";
  EXPECT_EQ(ana.hear(late), Claim::not_ours);
  const auto next = ana.give({.price_bits = 16});
  EXPECT_TRUE(next->made) << "it is not given again";
  EXPECT_EQ(ana.hear(eve.answer(*e2ee::parse_card(next->link)).answer), Claim::consumed);
}

TEST_F(Cards, a_known_contact_gets_one_more_session_and_a_blocked_one_is_not_heard) {
  auto first = ben.answer(ana.card(), 1);
  ASSERT_EQ(ana.hear(first.answer), Claim::consumed);
  const std::uint32_t index = *ana.parts->contacts.find_name("ben");
  ana.parts->contacts.set_trust(index, Trust::verified);
  auto second = ben.answer(ana.card(), 2);
  EXPECT_EQ(ana.hear(second.answer), Claim::consumed);
  EXPECT_EQ(ana.parts->contacts.size(), 1u);
  EXPECT_EQ(ana.find("ben")->sessions, 2u);
  EXPECT_EQ(ana.find("ben")->trust, Trust::verified);
  EXPECT_EQ(ana.hear(Stranger::write(second.session, "in the new one", ben.random)),
            Claim::consumed);
  EXPECT_EQ(ana.hear(Stranger::write(first.session, "in the old one", ben.random)),
            Claim::consumed);
  ana.parts->contacts.set_blocked(index, true);
  EXPECT_EQ(ana.hear(ben.answer(ana.card(), 3).answer), Claim::not_ours);
  EXPECT_EQ(ana.find("ben")->sessions, 2u);
}

TEST_F(Cards, withdrawn_ones_are_gone_from_the_store_with_all_that_was_answered) {
  const e2ee::Card card = ana.card();
  ASSERT_EQ(ana.hear(ben.answer(card).answer), Claim::consumed);
  ASSERT_TRUE(ana.give({.fresh = true}));
  ana.commit();
  EXPECT_EQ(ana.cards().withdraw(), 2u);
  EXPECT_EQ(ana.cards().withdraw(), 0u);
  ana.commit();
  std::size_t rows = 0;
  ana.store.people().for_each_invite([&rows](const auto&, base::ByteView) { ++rows; });
  EXPECT_EQ(rows, 0u);
  EXPECT_TRUE(ana.store.people().load_value("card-answers/0/0")->empty());
  EXPECT_EQ(ana.hear(eve.answer(card).answer), Claim::not_ours);
  ana.crash();
  EXPECT_EQ(ana.hear(eve.answer(card).answer), Claim::not_ours);
  EXPECT_TRUE(ana.find("ben")) << "who came stays";
  EXPECT_TRUE(ana.give({})->made);
}

TEST_F(Cards, an_answer_that_took_its_time_opens_until_two_weeks_after_the_end) {
  const e2ee::Card card = ana.card({.days = 2, .price_bits = 16});
  ana.commit();
  ana.pass(2 * kDay + CardDesk::kKeptAfter - std::chrono::hours(1));
  EXPECT_EQ(ana.hear(ben.answer(card).answer), Claim::consumed);
  ana.commit();
  ana.pass(std::chrono::hours(1));
  EXPECT_EQ(ana.hear(eve.answer(card).answer), Claim::not_ours);
  EXPECT_TRUE(ana.cards().list().empty());
}

TEST_F(Cards, one_whose_time_is_over_while_the_node_was_off_is_wiped_at_the_start) {
  ASSERT_TRUE(ana.give({.days = 1}));
  ana.commit();
  ana.parts.reset();
  ana.now += kDay + CardDesk::kKeptAfter;
  ana.start();
  EXPECT_TRUE(ana.cards().list().empty());
}

TEST_F(Cards, a_clock_that_was_ahead_makes_no_card_of_before_current) {
  std::vector<wire::DeliveryTag> fresh;
  const auto ahead = ana.cards().give({}, ana.now, kCardWall + 315'360'000, fresh);
  ASSERT_TRUE(ahead);
  const auto right = ana.cards().give({}, ana.now, kCardWall, fresh);
  EXPECT_TRUE(right->made);
  EXPECT_EQ(right->issued_unix_s, kCardWall);
}

}  // namespace
}  // namespace chaski::node
