// SPDX-License-Identifier: Apache-2.0
// What a person asks of a node, and what they are told.
#include <gtest/gtest.h>

#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

constexpr std::uint32_t kHour_s = 3'600;

TEST(People, a_node_without_identity_says_so) {
  Party party(1);
  EXPECT_FALSE(party.node->identity());
  EXPECT_EQ(party.node->own_name(), "");
  EXPECT_EQ(party.node->invite({}).error(), PersonError::no_identity);
  EXPECT_EQ(party.node->add("chaski:invite/x", "", {}, {}).error(), PersonError::no_identity);
  EXPECT_EQ(party.node->send("ben", "x", {}, {}, {}).error(), PersonError::no_identity);
}

TEST(People, an_identity_is_made_once_and_outlives_a_crash_once_flushed) {
  Party party(1);
  const base::Time now = base::from_us(2'000'000);
  EXPECT_EQ(party.node->create_identity("").error(), PersonError::bad_name);
  ASSERT_TRUE(party.node->create_identity("ana"));
  EXPECT_TRUE(party.node->dirty());
  party.crash(now);
  EXPECT_FALSE(party.node->identity());
  const auto identity = party.node->create_identity("ana");
  ASSERT_TRUE(identity);
  party.settle(now);
  EXPECT_FALSE(party.node->dirty());
  party.crash(now);
  EXPECT_EQ(party.node->identity(), *identity);
  EXPECT_EQ(party.node->own_name(), "ana");
  EXPECT_EQ(party.node->create_identity("eva").error(), PersonError::identity_exists);
}

TEST(People, a_person_changes_the_node_key_at_each_start_and_a_fixed_relay_does_not) {
  NodeConfig fixed;
  fixed.fixed_node_key = true;
  for (const bool is_fixed : {false, true}) {
    Party party(5, is_fixed ? fixed : NodeConfig{});
    const link::NodePublicKey before = party.node->node_key();
    party.settle(base::from_us(2'000'000));
    party.crash(base::from_us(2'000'000));
    EXPECT_EQ(party.node->node_key() == before, is_fixed);
  }
}

TEST(People, a_contact_is_verified_by_the_number_that_both_see_and_by_no_other) {
  Pair pair(3);
  ASSERT_TRUE(pair.a.node->create_identity("ana"));
  ASSERT_TRUE(pair.b.node->create_identity("ben"));
  const std::string link = *pair.a.node->invite(pair.now);
  const auto added = pair.b.node->add(link, "", pair.now, {});
  ASSERT_TRUE(added);
  ASSERT_TRUE(pair.a.node->add(*added->answer_link, "", pair.now, {}));
  const std::string number =
      e2ee::safety_number(*pair.a.node->identity(), *pair.b.node->identity());

  EXPECT_EQ(pair.b.node->verify("eve", number).error(), PersonError::unknown_contact);
  EXPECT_EQ(pair.b.node->unverify("eve").error(), PersonError::unknown_contact);
  std::string other = number;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& wrong : {other, std::string(), number.substr(1), number + "0"}) {
    EXPECT_EQ(pair.b.node->verify("ana", wrong).error(), PersonError::number_differs);
  }
  EXPECT_EQ(pair.b.node->find_contact("ana")->trust, Trust::unverified);

  std::string code = "CHASKI:SAFETY/" + number;
  std::erase(code, ' ');
  for (const std::string& right : {number, code}) {
    ASSERT_TRUE(pair.b.node->verify("ana", right));
    EXPECT_EQ(pair.b.node->find_contact("ana")->trust, Trust::verified);
    ASSERT_TRUE(pair.b.node->unverify("ana"));
    EXPECT_EQ(pair.b.node->find_contact("ana")->trust, Trust::unverified);
  }
  // It is one side's decision, and it lasts.
  ASSERT_TRUE(pair.b.node->verify("ana", number));
  pair.b.settle(pair.now);
  pair.b.crash(pair.now);
  EXPECT_EQ(pair.b.node->find_contact("ana")->trust, Trust::verified);
  EXPECT_EQ(pair.a.node->find_contact("ben")->trust, Trust::unverified);
}

TEST(People, bad_links_are_told_apart) {
  Pair pair(1);
  ASSERT_TRUE(pair.a.node->create_identity("ana"));
  ASSERT_TRUE(pair.b.node->create_identity("ben"));
  const std::string link = *pair.a.node->invite(pair.now);
  const auto error = [&](std::string_view text, std::string_view name = "") {
    return pair.b.node->add(text, name, pair.now, {}).error();
  };
  EXPECT_EQ(error(""), PersonError::bad_link);
  EXPECT_EQ(error("https://example.org"), PersonError::bad_link);
  std::string damaged = link;
  damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'a' ? 'b' : 'a';
  EXPECT_EQ(error(damaged), PersonError::damaged_link);
  EXPECT_EQ(error(link, "no\nname"), PersonError::bad_name);
  EXPECT_EQ(pair.a.node->add(link, "", pair.now, {}).error(), PersonError::own_link);

  const auto accepted = pair.b.node->add(link, "", pair.now, {});
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->contact.name, "ana");
  EXPECT_EQ(error(link), PersonError::contact_exists);
  EXPECT_EQ(error(*accepted->answer_link), PersonError::unknown_invite);
  ASSERT_TRUE(pair.a.node->add(*accepted->answer_link, "", pair.now, {}));
  ASSERT_TRUE(pair.a.node->add(*accepted->answer_link, "", pair.now, {}));
  EXPECT_EQ(pair.a.node->contacts().size(), 1u) << "the same answer again adds nobody";
}

TEST(People, a_name_that_is_taken_is_refused_when_given_and_changed_when_not) {
  Pair pair(1);
  Party other(77);
  for (Party* party : {&pair.a, &other}) ASSERT_TRUE(party->node->create_identity("ana"));
  ASSERT_TRUE(pair.b.node->create_identity("ben"));
  ASSERT_TRUE(pair.b.node->add(*pair.a.node->invite(pair.now), "", pair.now, {}));
  const std::string second = *other.node->invite(pair.now);
  EXPECT_EQ(pair.b.node->add(second, "ana", pair.now, {}).error(), PersonError::name_taken);
  EXPECT_EQ(pair.b.node->add(second, "", pair.now, {})->contact.name, "ana-2");
  ASSERT_EQ(pair.b.node->contacts().size(), 2u);
  EXPECT_TRUE(pair.b.node->find_contact("ana-2"));
  EXPECT_FALSE(pair.b.node->find_contact("eva"));
}

TEST(People, send_says_what_is_wrong) {
  Pair pair(1);
  pair.meet();
  const auto error = [&](std::string_view to, std::string_view text, std::uint32_t lifetime_s) {
    return pair.a.node->send(to, text, {.lifetime_s = lifetime_s}, pair.now, {}).error();
  };
  EXPECT_EQ(error("eva", "x", kHour_s), PersonError::unknown_contact);
  EXPECT_EQ(error("ben", "", kHour_s), PersonError::empty_text);
  EXPECT_EQ(error("ben", std::string(65'537, 'x'), kHour_s), PersonError::text_too_long);
  EXPECT_EQ(error("ben", "x", 0), PersonError::bad_lifetime);
  EXPECT_EQ(error("ben", "x", 15 * 24 * kHour_s), PersonError::bad_lifetime);
  pair.a.store.set_accepts(false);
  EXPECT_EQ(error("ben", "x", kHour_s), PersonError::store_full);
  pair.a.store.set_accepts(true);
  const auto sent = pair.a.node->send("ben", "x", {.lifetime_s = 2 * kHour_s}, pair.now, {42});
  ASSERT_TRUE(sent);
  EXPECT_EQ(sent->lifetime_s, 6 * kHour_s);
  EXPECT_EQ(sent->sent_unix_s, 42);
  EXPECT_EQ(sent->id, 1u);
}

TEST(People, refused_messages_do_not_push_the_tags_out_of_the_window) {
  // A store for about two envelopes: hundreds of sends fail, then there is room and one must
  // arrive.
  Pair pair(1);
  pair.meet();
  pair.a.settle(pair.now);
  std::size_t refused = 0;
  const std::string large(60'000, 'x');
  std::size_t sent = 0;
  while (pair.a.node->send("ben", large, {}, pair.now, {})) ++sent;
  for (int i = 0; i < 300; ++i)
    if (!pair.a.node->send("ben", large, {}, pair.now, {})) ++refused;
  ASSERT_EQ(refused, 300u);
  pair.dial(0);
  pair.run();
  pair.wait(5s);
  ASSERT_EQ(pair.b.inbox().size(), sent);
  ASSERT_TRUE(pair.a.node->send("ben", "after all", {}, pair.now, {}));
  pair.run();
  EXPECT_EQ(pair.b.inbox().back(), "after all");
}

TEST(People, both_sides_hear_what_becomes_of_a_message) {
  Pair pair(1);
  pair.meet();
  pair.dial(0);
  pair.run();
  pair.a.node->set_wall_time({1'000});
  pair.b.node->set_wall_time({2'000});
  const auto sent = pair.a.node->send("ben", "hello", {}, pair.now, {1'000});
  EXPECT_TRUE(pair.b.inbox().empty()) << "nothing leaves before it is committed";
  pair.run();
  const auto received = pair.b.all<MessageChanged>();
  ASSERT_EQ(received.size(), 1u);
  const auto message = pair.b.store.people().find_message(received[0].message);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->text, "hello");
  EXPECT_EQ(message->direction, Direction::incoming);
  EXPECT_EQ(message->sent_unix_s, 1'000);
  EXPECT_EQ(message->received_unix_s, 2'000);
  EXPECT_EQ(pair.b.node->find_contact("ana")->id, message->contact);
  const auto states = pair.a.all<MessageChanged>();
  ASSERT_FALSE(states.empty());
  EXPECT_EQ(states.back().message, sent->id);
  const auto kept = pair.a.store.people().find_message(sent->id);
  EXPECT_EQ(kept->state, MessageState::delivered);
  EXPECT_EQ(kept->delivered_unix_s, 1'000);
  const auto life = pair.a.store.people().life_events(sent->id);
  ASSERT_GE(life.size(), 2u);
  EXPECT_EQ(life.front().what, "accepted");
  EXPECT_EQ(life.back().what, "delivered");
}

TEST(People, nothing_is_told_before_it_is_committed) {
  Pair pair(1);
  pair.meet();
  pair.dial(0);
  pair.run();
  ASSERT_TRUE(pair.a.node->send("ben", "hello", {}, pair.now, {}));
  pair.speak(0);
  for (auto& [id, c] : pair.links)
    while (pair.deliver(id, 1)) {
    }
  pair.b.read_events();
  EXPECT_EQ(pair.b.inbox().size(), 1u) << "it is in the store, uncommitted";
  EXPECT_TRUE(pair.b.all<MessageChanged>().empty());
  pair.b.store.fail_commits(mesh_router::StoreError::full);
  EXPECT_EQ(pair.b.node->flush(pair.now).error(), mesh_router::StoreError::full);
  pair.b.read_events();
  EXPECT_TRUE(pair.b.all<MessageChanged>().empty());

  // After a failed flush the node is rebuilt from its store, and the message comes again.
  pair.b.store.fail_commits(std::nullopt);
  for (auto& [id, c] : pair.links) pair.close(id, 1);
  pair.b.crash(pair.now);
  EXPECT_TRUE(pair.b.inbox().empty());
  pair.run();
  pair.dial(0);
  pair.run();
  EXPECT_EQ(pair.b.inbox(), std::vector<std::string>{"hello"});
  EXPECT_EQ(pair.b.all<MessageChanged>().size(), 1u);
}

TEST(People, an_answer_through_the_mesh_is_told) {
  Pair pair(1);
  ASSERT_TRUE(pair.a.node->create_identity("ana"));
  ASSERT_TRUE(pair.b.node->create_identity("ben"));
  ASSERT_TRUE(pair.b.node->add(*pair.a.node->invite(pair.now), "", pair.now, {}));
  ASSERT_TRUE(pair.b.node->send("ana", "found you", {}, pair.now, {}));
  pair.dial(1);
  pair.run();
  const auto added = pair.a.all<ContactChanged>();
  ASSERT_EQ(added.size(), 1u);
  EXPECT_EQ(added[0].contact.name, "ben");
  EXPECT_EQ(pair.a.inbox(), std::vector<std::string>{"found you"});
}

/// The answer went through the mesh faster than the person could scan it: scanning it was an error.
TEST(People, an_answer_that_came_through_the_mesh_may_be_scanned_all_the_same) {
  Pair pair(1);
  ASSERT_TRUE(pair.a.node->create_identity("ana"));
  ASSERT_TRUE(pair.b.node->create_identity("ben"));
  const auto accepted = pair.b.node->add(*pair.a.node->invite(pair.now), "", pair.now, {});
  ASSERT_TRUE(accepted);
  pair.dial(1);
  pair.run();
  ASSERT_TRUE(pair.a.node->find_contact("ben"));
  const auto again = pair.a.node->add(*accepted->answer_link, "benito", pair.now, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->contact.name, "benito");
  EXPECT_FALSE(pair.a.node->find_contact("ben"));
  EXPECT_EQ(pair.a.node->contacts().size(), 1u);
  ASSERT_TRUE(pair.a.node->send("benito", "hello", {}, pair.now, {}));
}

TEST(People, two_who_invite_each_other_at_once_can_talk) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Pair pair(seed);
    base::SeededRandom order(seed);
    ASSERT_TRUE(pair.a.node->create_identity("ana"));
    ASSERT_TRUE(pair.b.node->create_identity("ben"));
    const std::string from_a = *pair.a.node->invite(pair.now);
    const std::string from_b = *pair.b.node->invite(pair.now);
    ASSERT_TRUE(pair.a.node->add(from_b, "", pair.now, {}));
    ASSERT_TRUE(pair.b.node->add(from_a, "", pair.now, {}));
    ASSERT_TRUE(pair.a.node->send("ben", "one", {}, pair.now, {}));
    ASSERT_TRUE(pair.b.node->send("ana", "two", {}, pair.now, {}));
    pair.dial(0);
    pair.run(&order);
    ASSERT_TRUE(pair.a.node->send("ben", "three", {}, pair.now, {}));
    ASSERT_TRUE(pair.b.node->send("ana", "four", {}, pair.now, {}));
    pair.run(&order);
    ASSERT_EQ(pair.b.inbox(), (std::vector<std::string>{"one", "three"}));
    ASSERT_EQ(pair.a.inbox(), (std::vector<std::string>{"two", "four"}));
    ASSERT_EQ(pair.a.node->contacts().size(), 1u);
    ASSERT_EQ(pair.b.node->contacts().size(), 1u);
  }
}

TEST(People, text_that_is_not_utf8_is_repaired_for_its_reader) {
  Pair pair(1);
  pair.meet();
  pair.dial(0);
  ASSERT_TRUE(pair.a.node->send("ben", "a\xFFz", {}, pair.now, {}));
  pair.run();
  EXPECT_EQ(pair.b.inbox(), std::vector<std::string>{"a\xEF\xBF\xBDz"});
}

}  // namespace
}  // namespace chaski::node
