// SPDX-License-Identifier: Apache-2.0
// What two people do with messages: reply, react, take back, read, let disappear.
#include <gtest/gtest.h>

#include "node/conversation.hpp"
#include "tests/node/parties.hpp"
#include "tests/node/person.hpp"

namespace chaski::node {
namespace {

struct Talk : testing::Test {
  Pair pair{11};

  Talk() {
    pair.meet();
    pair.dial(0);
    pair.run();
  }
  MessageRecord say(Party& party, const char* to, std::string_view text, SendOptions options = {}) {
    const auto sent = party.node->send(to, text, options, pair.now, WallTime{100});
    EXPECT_TRUE(sent) << to_string(sent.error());
    pair.run();
    return sent.value_or(MessageRecord{});
  }
  static std::vector<MessageRecord> all(Party& party) { return party.store.people().messages({}); }
  static MessageRecord last(Party& party) { return all(party).back(); }
  static MessageRecord at(Party& party, MessageId id) {
    return party.store.people().find_message(id).value_or(MessageRecord{});
  }
};

TEST_F(Talk, a_reply_names_the_message_that_both_know) {
  say(pair.a, "ben", "where are you?");
  const MessageRecord question = last(pair.b);
  say(pair.b, "ana", "at the bridge", {.reply_to = question.id});
  const MessageRecord answer = last(pair.a);
  EXPECT_EQ(answer.text, "at the bridge");
  EXPECT_EQ(answer.about, all(pair.a).front().envelope);
  EXPECT_EQ(pair.b.node->send("ana", "x", {.reply_to = 99}, pair.now, {}).error(),
            PersonError::unknown_message);
}

TEST_F(Talk, a_reaction_goes_over_and_can_be_taken_back) {
  say(pair.a, "ben", "we made it");
  const MessageId seen = last(pair.b).id;
  EXPECT_EQ(pair.b.node->react(seen, "far too long a text for a reaction", pair.now, {}).error(),
            PersonError::bad_reaction);
  EXPECT_EQ(pair.b.node->react(99, "!", pair.now, {}).error(), PersonError::unknown_message);
  ASSERT_TRUE(pair.b.node->react(seen, "\xf0\x9f\x8e\x89", pair.now, {}));
  pair.run();
  EXPECT_EQ(last(pair.a).kind, e2ee::ContentKind::reaction);
  EXPECT_EQ(last(pair.a).text, "\xf0\x9f\x8e\x89");
  EXPECT_EQ(last(pair.a).about, all(pair.a).front().envelope);
  ASSERT_TRUE(pair.b.node->react(seen, "", pair.now, {}));
  pair.run();
  EXPECT_EQ(last(pair.a).kind, e2ee::ContentKind::reaction);
  EXPECT_EQ(last(pair.a).text, "");
}

TEST_F(Talk, what_is_taken_back_is_gone_on_both_sides) {
  const MessageRecord sent = say(pair.a, "ben", "forget this");
  const MessageId there = last(pair.b).id;
  EXPECT_EQ(pair.b.node->take_back(there, pair.now, {}).error(), PersonError::not_yours);
  const auto asked = pair.a.node->take_back(sent.id, pair.now, {});
  ASSERT_TRUE(asked);
  EXPECT_EQ(at(pair.a, sent.id).state, MessageState::deleted);
  EXPECT_EQ(at(pair.a, sent.id).text, "");
  EXPECT_TRUE(pair.a.store.people().life_events(sent.id).empty());
  pair.wait(200ms);
  EXPECT_EQ(at(pair.b, there).state, MessageState::deleted);
  EXPECT_EQ(at(pair.b, there).text, "");
  EXPECT_EQ(at(pair.a, asked->id).state, MessageState::delivered);
  EXPECT_EQ(pair.a.node->take_back(sent.id, pair.now, {}).error(), PersonError::unknown_message);
  EXPECT_EQ(all(pair.b).size(), 1u) << "taking back is no message of its own";
}

TEST(Deletions, of_one_contact_push_out_none_of_another) {
  MemoryNodeStore store(1u << 20);
  Deletions deletions(store.people());
  const base::Time now = base::from_us(10'000'000);
  e2ee::PersonId honest;
  e2ee::PersonId flooder;
  honest.bytes.fill(1);
  flooder.bytes.fill(2);
  wire::EnvelopeId id;
  id.bytes.fill(9);
  deletions.add(honest, id, now);
  for (std::size_t i = 0; i < 2 * Deletions::kWaitingMax; ++i) {
    wire::EnvelopeId other;
    other.bytes[0] = static_cast<std::uint8_t>(i);
    other.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    deletions.add(flooder, other, now);
  }
  EXPECT_EQ(deletions.waiting().size(), Deletions::kFromContactMax + 1);
  EXPECT_TRUE(deletions.take(honest, id));
  EXPECT_FALSE(deletions.take(honest, id));
}

TEST(Conversation, what_was_taken_back_before_it_came_is_never_shown) {
  Person ana{1, "ana"};
  Person ben{2, "ben"};
  const base::Time now = base::from_us(10'000'000);
  std::vector<wire::DeliveryTag> fresh;
  const auto accepted =
      ben.meeting.add({.link = *ana.meeting.invite()}, ben.router, now, 0, fresh);
  ASSERT_TRUE(ana.meeting.add({.link = *accepted->answer_link}, ana.router, now, 0, fresh));
  const base::Bytes kept = ana.write("ben", "kept", now);
  const base::Bytes hasty = ana.write("ben", "too hasty", now);
  const auto sent = ana.store.people().find_outgoing(wire::envelope_id(hasty));
  const auto deletion = ana.conversation.take_back(sent->id, ana.router, now, {});
  ASSERT_TRUE(deletion);
  ASSERT_EQ(ben.hear(ana.envelope_of(deletion->envelope), now), mesh_router::Claim::consumed);
  for (int i = 0; i < 3; ++i) ben.conversation.wake(now + i * ThreadSeeker::kPause);
  EXPECT_EQ(ben.hear(hasty, now), mesh_router::Claim::consumed);
  EXPECT_EQ(ben.hear(kept, now), mesh_router::Claim::consumed);
  const auto messages = ben.store.people().messages({});
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0].text, "kept");
}

TEST_F(Talk, nobody_takes_back_what_another_wrote) {
  const MessageRecord mine = say(pair.b, "ana", "written by ben");
  // ana's node lies: it asks ben to erase ben's own message.
  MemoryNodeStore& store = pair.a.store;
  const MessageRecord theirs = last(pair.a);
  MessageRecord forged = theirs;
  forged.direction = Direction::outgoing;
  forged.state = MessageState::delivered;
  const MessageId id = store.people().add_message(forged);
  ASSERT_TRUE(pair.a.node->take_back(id, pair.now, {}));
  pair.run();
  pair.wait(300ms);
  EXPECT_EQ(at(pair.b, mine.id).text, "written by ben");
}

TEST_F(Talk, deletions_of_long_ago_are_found_little_by_little_and_survive_a_crash) {
  const MessageRecord sent = say(pair.a, "ben", "from the beginning");
  const MessageId there = last(pair.b).id;
  for (int i = 0; i < 1'200; ++i) {
    MessageRecord filler;
    filler.contact = at(pair.b, there).contact;
    filler.direction = Direction::incoming;
    filler.state = MessageState::received;
    filler.envelope.bytes.fill(static_cast<std::uint8_t>(i % 200 + 1));
    pair.b.store.people().add_message(filler);
  }
  ASSERT_TRUE(pair.a.node->take_back(sent.id, pair.now, {}));
  pair.run();
  EXPECT_EQ(at(pair.b, there).state, MessageState::received) << "found at once: no slices";
  pair.b.crash(pair.now);
  for (int i = 0; i < 10; ++i) {
    pair.now += ThreadSeeker::kPause;
    pair.b.node->wake(pair.now);
    pair.b.settle(pair.now);
  }
  EXPECT_EQ(at(pair.b, there).state, MessageState::deleted);
}

TEST_F(Talk, read_receipts_are_off_until_the_person_says_otherwise) {
  const MessageRecord first = say(pair.a, "ben", "one");
  EXPECT_EQ(*pair.b.node->mark_read({last(pair.b).id, 77}, pair.now, WallTime{200}), 1u);
  EXPECT_EQ(*pair.b.node->mark_read({last(pair.b).id}, pair.now, WallTime{300}), 0u);
  pair.run();
  EXPECT_EQ(last(pair.b).state, MessageState::read);
  EXPECT_EQ(last(pair.b).read_unix_s, 200);
  EXPECT_EQ(at(pair.a, first.id).state, MessageState::delivered);

  ASSERT_TRUE(pair.b.node->set_settings({.read_receipts = true}));
  pair.b.settle(pair.now);
  pair.b.crash(pair.now);
  EXPECT_TRUE(pair.b.node->settings().read_receipts);
  pair.dial(0);
  pair.run();
  const MessageRecord second = say(pair.a, "ben", "two");
  pair.a.node->set_wall_time(WallTime{500});
  EXPECT_EQ(*pair.b.node->mark_read({last(pair.b).id}, pair.now, WallTime{400}), 1u);
  pair.run();
  pair.wait(200ms);
  EXPECT_EQ(at(pair.a, second.id).state, MessageState::read);
  EXPECT_EQ(at(pair.a, second.id).read_unix_s, 500);
  EXPECT_EQ(at(pair.a, first.id).state, MessageState::delivered);
}

TEST_F(Talk, what_disappears_goes_here_after_sending_and_there_after_reading) {
  const MessageRecord sent = say(pair.a, "ben", "burn this", {.disappears_after_s = 60});
  const MessageId there = last(pair.b).id;
  EXPECT_EQ(last(pair.b).disappears_after_s, 60u);
  const auto pass = [this](base::Duration duration) {
    pair.now += duration;
    for (std::size_t i : {0u, 1u}) {
      pair.side(i).node->wake(pair.now);
      pair.side(i).settle(pair.now);
    }
  };
  pass(59s);
  EXPECT_EQ(at(pair.a, sent.id).text, "burn this");
  pass(1s);
  EXPECT_EQ(at(pair.a, sent.id).state, MessageState::deleted);
  pass(24h);
  EXPECT_EQ(at(pair.b, there).text, "burn this") << "nobody has read it yet";
  EXPECT_EQ(*pair.b.node->mark_read({there}, pair.now, {}), 1u);
  pair.b.settle(pair.now);
  // The node is off while the time runs out: it is gone before anything is shown.
  pair.now += 61s;
  pair.b.crash(pair.now);
  EXPECT_EQ(at(pair.b, there).state, MessageState::deleted);
  EXPECT_EQ(at(pair.b, there).text, "");
}

TEST_F(Talk, who_is_renamed_keeps_the_name_that_others_gave) {
  ASSERT_TRUE(pair.a.node->rename("hannah", pair.now, {}));
  EXPECT_EQ(pair.a.node->rename("", pair.now, {}).error(), PersonError::bad_name);
  pair.run();
  EXPECT_EQ(pair.a.node->own_name(), "hannah");
  ASSERT_TRUE(pair.b.node->find_contact("ana"));
  EXPECT_EQ(pair.b.node->find_contact("ana")->own_name, "hannah");
  EXPECT_TRUE(all(pair.b).empty());
}

TEST_F(Talk, one_gate_keeps_a_blocked_contact_out_and_loses_nothing_that_is_still_carried) {
  ASSERT_TRUE(pair.b.node->set_blocked("ana", true, pair.now));
  EXPECT_TRUE(pair.b.node->find_contact("ana")->blocked);
  EXPECT_EQ(pair.b.node->send("ana", "x", {}, pair.now, {}).error(), PersonError::contact_blocked);
  const MessageRecord sent = say(pair.a, "ben", "do you hear me?");
  EXPECT_TRUE(all(pair.b).empty());
  EXPECT_NE(at(pair.a, sent.id).state, MessageState::delivered) << "a receipt would tell";
  EXPECT_EQ(pair.b.node->react(1, "!", pair.now, {}).error(), PersonError::unknown_message);
  pair.b.settle(pair.now);
  pair.b.crash(pair.now);
  EXPECT_TRUE(pair.b.node->find_contact("ana")->blocked);
  EXPECT_TRUE(all(pair.b).empty());

  ASSERT_TRUE(pair.b.node->set_blocked("ana", false, pair.now));
  pair.dial(0);
  pair.run();
  EXPECT_EQ(pair.b.inbox(), std::vector<std::string>{"do you hear me?"});
  EXPECT_EQ(at(pair.a, sent.id).state, MessageState::delivered);
}

TEST_F(Talk, another_identity_under_a_known_name_blocks_sending_until_the_person_decides) {
  Party stranger(99);
  ASSERT_TRUE(stranger.node->create_identity("ben"));
  const std::string link = *stranger.node->invite(pair.now);
  EXPECT_EQ(pair.a.node->add(link, "ben", pair.now, {}).error(), PersonError::name_taken);
  EXPECT_EQ(pair.a.node->add(link, "eva", pair.now, {}, true).error(),
            PersonError::unknown_contact);
  const auto before = pair.a.node->find_contact("ben")->identity;
  const auto added = pair.a.node->add(link, "ben", pair.now, {}, true);
  ASSERT_TRUE(added);
  EXPECT_EQ(added->contact.trust, Trust::changed);
  EXPECT_EQ(pair.a.node->find_contact("ben")->identity, *stranger.node->identity());
  // The pin of before is what it was, and out of use.
  const auto old = pair.a.node->find_contact("ben (old)");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->identity, before);
  EXPECT_TRUE(old->blocked);
  EXPECT_EQ(pair.a.node->send("ben", "x", {}, pair.now, {}).error(), PersonError::contact_changed);
  pair.a.settle(pair.now);
  pair.a.crash(pair.now);
  EXPECT_EQ(pair.a.node->send("ben", "x", {}, pair.now, {}).error(), PersonError::contact_changed);

  const std::string number =
      e2ee::safety_number(*pair.a.node->identity(), *stranger.node->identity());
  ASSERT_TRUE(pair.a.node->verify("ben", number));
  EXPECT_EQ(pair.a.node->find_contact("ben")->trust, Trust::verified);
  EXPECT_TRUE(pair.a.node->send("ben", "x", {}, pair.now, {}));
}

TEST_F(Talk, a_change_can_be_accepted_without_comparing) {
  Party stranger(98);
  ASSERT_TRUE(stranger.node->create_identity("ben"));
  ASSERT_TRUE(pair.a.node->add(*stranger.node->invite(pair.now), "ben", pair.now, {}, true));
  EXPECT_EQ(pair.a.node->accept_change("nobody").error(), PersonError::unknown_contact);
  ASSERT_TRUE(pair.a.node->accept_change("ben"));
  EXPECT_EQ(pair.a.node->find_contact("ben")->trust, Trust::unverified);
  EXPECT_TRUE(pair.a.node->send("ben", "x", {}, pair.now, {}));
}

}  // namespace
}  // namespace chaski::node
