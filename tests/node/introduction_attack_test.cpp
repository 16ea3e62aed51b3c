// SPDX-License-Identifier: Apache-2.0
// Who introduces may lie, repeat and leave out: what comes of it at the other two.
#include <array>

#include "introduction_world.hpp"
#include "person.hpp"

namespace chaski::node {
namespace {

using State = IntroductionState;

/// Three without links: the test carries, and Anna's own words can be written by hand.
struct LyingIntroducer : testing::Test {
  Person anna{1, "anna"};
  Person ben{2, "ben"};
  Person cleo{3, "cleo"};
  Person mallory{4, "mallory"};
  base::SeededRandom random{5};
  base::Time now = base::from_us(1'000'000);
  e2ee::IntroductionId id = some_id();

  void SetUp() override {
    meet(anna, ben, "anna", "ben");
    meet(anna, cleo, "anna", "cleo");
  }
  e2ee::IntroductionId some_id() {
    e2ee::IntroductionId out;
    random.fill(out.mutable_view());
    return out;
  }
  void meet(Person& a, Person& b, const char* a_is, const char* b_is) {
    std::vector<wire::DeliveryTag> fresh;
    const auto link = a.meeting.invite();
    const auto accepted =
        b.meeting.add({.link = *link, .name = a_is}, b.router, now, 0, fresh);
    ASSERT_TRUE(accepted);
    ASSERT_TRUE(a.meeting.add({.link = *accepted->answer_link, .name = b_is}, a.router, now, 0,
                              fresh));
  }
  /// Everything in one store comes to another.
  static void carry(Person& from, Person& to, base::Time now) {
    std::vector<base::Bytes> all;
    from.store.envelopes().for_each([&](mesh_router::StoreKey key, const auto&) {
      const base::ByteView bytes = from.store.envelopes().read(key);
      all.emplace_back(bytes.begin(), bytes.end());
    });
    for (const base::Bytes& one : all)
      if (wire::decode_envelope(one)->kind == wire::EnvelopeKind::sealed) (void)to.hear(one, now);
  }
  /// Anna says whatever she likes.
  void say(Person& to, const char* name, const e2ee::Introduction& step) {
    const e2ee::Content content{.kind = e2ee::ContentKind::introduction,
                                .token = {},
                                .payload = e2ee::encode_introduction(step)};
    const auto contact = anna.contacts.find_name(name);
    ASSERT_TRUE(anna.messenger.seal_and_submit(*contact, content, 86'400, wire::Priority::normal,
                                               anna.router, now));
    carry(anna, to, now);
  }
  void offer_both() {
    say(ben, "ben", {id, e2ee::IntroductionOffer{e2ee::IntroductionRole::acceptor, "cleo", ""}});
    say(cleo, "cleo", {id, e2ee::IntroductionOffer{e2ee::IntroductionRole::inviter, "ben", ""}});
  }
  void accept(Person& who) {
    std::vector<wire::DeliveryTag> fresh;
    ASSERT_TRUE(who.introductions.introducee().accept(who.introductions.list(now).back().number,
                                                      "", who.router, now, fresh));
  }
  /// What Cleo's consent says, as Anna reads it.
  e2ee::StandingPublic given_by_cleo() {
    cleo.introductions.save_if_changed();
    const auto book = IntroductionBook::load(*cleo.store.people().load_value(kIntroductionsValue));
    return book->theirs.back().made->given;
  }
  void wake(Person& who) {
    now += IntroductionPost::kDelayMax;
    std::vector<wire::DeliveryTag> fresh;
    who.introductions.wake(who.router, now, fresh);
  }
  State state(Person& who) { return who.introductions.list(now).back().state; }
  static e2ee::IdentityPublic identity(Person& who) {
    return who.meeting.owner()->identity.public_identity();
  }
  static bool knows(Person& who, Person& other) {
    return who.contacts.find_id(e2ee::person_id(identity(other))).has_value();
  }
};

TEST_F(LyingIntroducer, nobody_becomes_a_contact_without_having_consented) {
  const e2ee::StandingPublic hers = e2ee::make_standing(random).given;
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(mallory), hers}});
  EXPECT_TRUE(ben.introductions.list(now).empty()) << "no offer came";
  offer_both();
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(mallory), hers}});
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(mallory), {}}});
  wake(ben);
  EXPECT_EQ(state(ben), State::offered);
  EXPECT_EQ(state(cleo), State::offered);
  EXPECT_EQ(ben.contacts.size(), 1u);
  EXPECT_EQ(cleo.contacts.size(), 1u);
}

TEST_F(LyingIntroducer, a_prekey_that_was_not_asked_for_and_one_that_is_missing_are_dropped) {
  offer_both();
  accept(ben);
  accept(cleo);
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(cleo), {}}});
  say(cleo, "cleo",
      {id, e2ee::IntroductionMeet{identity(ben), e2ee::make_standing(random).given}});
  EXPECT_EQ(state(ben), State::accepted);
  EXPECT_EQ(state(cleo), State::accepted);
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(cleo), given_by_cleo()}});
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(ben), {}}});
  EXPECT_EQ(state(ben), State::meeting);
  EXPECT_EQ(state(cleo), State::meeting);
}

TEST_F(LyingIntroducer, who_is_introduced_may_not_send_what_only_the_other_gives) {
  // Here Anna is honest, and the two lie.
  std::vector<wire::DeliveryTag> fresh;
  ASSERT_TRUE(
      anna.introductions.introducer().introduce("ben", "cleo", "", anna.router, now, fresh));
  anna.introductions.save_if_changed();
  const auto book = IntroductionBook::load(*anna.store.people().load_value(kIntroductionsValue));
  const e2ee::IntroductionId real = book->ours.front().id;
  Introducer& desk = anna.introductions.introducer();
  const e2ee::PersonId ben_id = e2ee::person_id(identity(ben));
  const e2ee::PersonId cleo_id = e2ee::person_id(identity(cleo));
  const auto replies = [&] {
    const auto parties = anna.introductions.list(now).back().parties;
    return std::pair(parties[0].reply, parties[1].reply);
  };
  using Reply = IntroductionReply;
  desk.take_consent(ben_id, real, {e2ee::make_standing(random).given}, now);
  desk.take_consent(cleo_id, real, {}, now);
  desk.take_consent(e2ee::person_id(identity(mallory)), real, {}, now);
  desk.take_consent(ben_id, some_id(), {}, now);
  EXPECT_EQ(replies(), std::pair(Reply::none, Reply::none));
  desk.take_consent(ben_id, real, {}, now);
  desk.take_consent(ben_id, real, {}, now);
  EXPECT_EQ(replies(), std::pair(Reply::yes, Reply::none));
  EXPECT_EQ(state(anna), State::offered) << "twice yes from one is not both";
}

TEST_F(LyingIntroducer, the_first_meeting_counts_and_no_other_changes_it) {
  offer_both();
  accept(ben);
  accept(cleo);
  const e2ee::StandingPublic given = given_by_cleo();
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(ben), {}}});
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(mallory), {}}});
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(cleo), given}});
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(mallory), given}});
  wake(ben);
  EXPECT_TRUE(knows(ben, cleo));
  EXPECT_FALSE(knows(ben, mallory));
  carry(ben, cleo, now);
  EXPECT_TRUE(knows(cleo, ben));
  EXPECT_FALSE(knows(cleo, mallory));
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(mallory), given}});
  offer_both();
  EXPECT_EQ(ben.introductions.list(now).size(), 1u) << "an offer that came before is no new one";
  EXPECT_EQ(ben.contacts.size(), 2u);
}

TEST_F(LyingIntroducer, a_third_who_has_all_that_was_said_opens_nothing) {
  offer_both();
  accept(ben);
  accept(cleo);
  const e2ee::StandingPublic given = given_by_cleo();
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(ben), {}}});
  for (Person* thief : {&mallory, &anna}) {
    for (const e2ee::IdentityPublic& as : {identity(*thief), identity(ben)}) {
      const auto answered = e2ee::accept_invite(thief->meeting.owner()->identity, "ben",
                                                e2ee::standing_invite(given, identity(cleo), as),
                                                random, 1);
      ASSERT_TRUE(answered);
      EXPECT_EQ(cleo.hear(e2ee::answer_envelope(answered->answer, 3'600, random), now),
                mesh_router::Claim::not_ours);
    }
  }
  EXPECT_EQ(state(cleo), State::meeting);
  EXPECT_FALSE(knows(cleo, mallory));
  // It does not keep the right one from being heard, junk without end aside.
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(cleo), given}});
  wake(ben);
  carry(ben, cleo, now);
  EXPECT_TRUE(knows(cleo, ben));
}

TEST_F(LyingIntroducer, junk_under_the_tag_costs_tokens_and_delays_only) {
  offer_both();
  accept(ben);
  accept(cleo);
  const e2ee::StandingPublic given = given_by_cleo();
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(ben), {}}});
  for (int i = 0; i < 40; ++i) {
    e2ee::Answer junk{.tag = given.answer_tag(), .body = base::Bytes(376)};
    random.fill(junk.body);
    EXPECT_EQ(cleo.hear(e2ee::answer_envelope(junk, 3'600, random), now),
              mesh_router::Claim::not_ours);
  }
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(cleo), given}});
  wake(ben);  // minutes later: the tokens are back
  carry(ben, cleo, now);
  EXPECT_TRUE(knows(cleo, ben));
}

TEST_F(LyingIntroducer, one_in_the_middle_is_unverified_named_and_found_by_safety_numbers) {
  // Mallory is Anna's other half: she stands between the two under keys of her own.
  offer_both();
  accept(ben);
  accept(cleo);
  const e2ee::StandingInvite middle = e2ee::make_standing(random);
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(mallory), middle.given}});
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(mallory), {}}});
  wake(ben);
  ASSERT_EQ(state(ben), State::met);
  const auto index = ben.contacts.find_name("cleo");
  ASSERT_TRUE(index);
  const ContactRecord shown = ben.contacts.shown(*index);
  EXPECT_EQ(shown.trust, Trust::unverified);
  EXPECT_EQ(shown.met, Met::introduction);
  EXPECT_EQ(shown.introduced_by, e2ee::person_id(identity(anna)));
  // What Cleo shows to Ben when they compare is of her own keys.
  const auto said_by_cleo = e2ee::safety_number(identity(cleo), identity(ben));
  EXPECT_EQ(ben.meeting.verify("cleo", said_by_cleo).error(), PersonError::number_differs);
  EXPECT_EQ(ben.contacts.shown(*index).trust, Trust::unverified);
}

TEST_F(LyingIntroducer, an_old_friend_is_not_led_into_a_session_that_nobody_has) {
  meet(ben, mallory, "ben", "mallory");
  const auto index = ben.contacts.find_name("mallory");
  const auto* const before = ben.contacts.writing_session(*index);
  offer_both();
  accept(ben);
  // Anna says that Cleo is Mallory, with a prekey that Mallory never made.
  say(ben, "ben",
      {id, e2ee::IntroductionMeet{identity(mallory), e2ee::make_standing(random).given}});
  wake(ben);
  EXPECT_EQ(state(ben), State::known);
  EXPECT_EQ(ben.contacts.at(*index).sessions.size(), 1u);
  EXPECT_EQ(ben.contacts.writing_session(*index), before);
  EXPECT_EQ(ben.contacts.at(*index).record.met, Met::invitation);
  EXPECT_EQ(ben.contacts.size(), 2u);
}

TEST_F(LyingIntroducer, nobody_is_introduced_to_themselves) {
  offer_both();
  accept(ben);
  accept(cleo);
  say(ben, "ben", {id, e2ee::IntroductionMeet{identity(ben), given_by_cleo()}});
  say(cleo, "cleo", {id, e2ee::IntroductionMeet{identity(cleo), {}}});
  wake(ben);
  EXPECT_EQ(state(ben), State::accepted);
  EXPECT_EQ(state(cleo), State::accepted);
}

TEST_F(LyingIntroducer, another_contact_cannot_go_on_with_what_anna_began) {
  meet(ben, mallory, "ben", "mallory");
  meet(mallory, cleo, "mallory", "cleo");
  offer_both();
  accept(ben);
  const e2ee::Introduction step{id, e2ee::IntroductionMeet{identity(mallory),
                                                           e2ee::make_standing(random).given}};
  const e2ee::Content content{.kind = e2ee::ContentKind::introduction,
                              .token = {},
                              .payload = e2ee::encode_introduction(step)};
  const auto contact = mallory.contacts.find_name("ben");
  ASSERT_TRUE(mallory.messenger.seal_and_submit(*contact, content, 86'400, wire::Priority::normal,
                                                mallory.router, now));
  carry(mallory, ben, now);
  wake(ben);
  EXPECT_EQ(state(ben), State::accepted);
}

}  // namespace
}  // namespace chaski::node
