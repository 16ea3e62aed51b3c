// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "node/contact_book.hpp"
#include "node/event_queue.hpp"
#include "node/invite_book.hpp"
#include "node/memory_node_store.hpp"

namespace chaski::node {
namespace {

struct TwoPeople {
  base::SeededRandom random{11};
  e2ee::Identity ana = e2ee::Identity::generate(random);
  e2ee::Identity ben = e2ee::Identity::generate(random);

  HeldSession session() {
    const auto invite = e2ee::make_invite(ana, "ana", random);
    auto accepted = e2ee::accept_invite(ben, "ben", invite.invite, random);
    return {std::move(accepted->session), false};
  }
  ContactRecord record(const std::string& name, std::uint8_t id) {
    ContactRecord out;
    out.id.bytes[0] = id;
    out.identity = ana.public_identity();
    out.name = name;
    return out;
  }
};

TEST(TagTable, a_tag_keeps_its_first_owner) {
  TagTable table;
  wire::DeliveryTag tag;
  tag.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  const TagOwner first{.contact = 1};
  const TagOwner second{.contact = 2};
  EXPECT_TRUE(table.add(tag, first));
  EXPECT_FALSE(table.add(tag, second));
  table.remove(tag, second);
  EXPECT_EQ(table.find(tag), first);
  table.remove(tag, first);
  EXPECT_FALSE(table.find(tag));
  EXPECT_FALSE(table.add(wire::DeliveryTag{}, first)) << "the zero tag is nobody's";
}

TEST(TagTable, is_what_a_map_would_be) {
  // Few homes, so that places collide and wrap around, against the container of the library.
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    base::SeededRandom random(seed);
    TagTable table;
    std::map<std::array<std::uint8_t, 8>, TagOwner> map;
    for (int step = 0; step < 5'000; ++step) {
      wire::DeliveryTag tag;
      tag.bytes[0] = static_cast<std::uint8_t>(random.below(4) == 0 ? 255 : random.below(8));
      tag.bytes[7] = static_cast<std::uint8_t>(random.below(40));
      const TagOwner owner{.contact = static_cast<std::uint32_t>(random.below(2))};
      const auto known = map.find(tag.bytes);
      if (random.below(2) == 0) {
        EXPECT_EQ(table.add(tag, owner), !tag.is_zero() && known == map.end());
        if (!tag.is_zero()) map.try_emplace(tag.bytes, owner);
      } else {
        table.remove(tag, owner);
        if (known != map.end() && known->second == owner) map.erase(known);
      }
      ASSERT_EQ(table.size(), map.size());
    }
    for (const auto& [bytes, owner] : map) {
      EXPECT_EQ(table.find(wire::DeliveryTag{.bytes = bytes}), owner);
    }
  }
}

TEST(FailedOpens, remembers_a_bounded_number) {
  FailedOpens failed;
  base::SeededRandom random(1);
  const auto first = random.bytes<wire::EnvelopeId>();
  failed.add(first);
  EXPECT_TRUE(failed.contains(first));
  for (std::size_t i = 0; i < FailedOpens::kIdsMax; ++i)
    failed.add(random.bytes<wire::EnvelopeId>());
  EXPECT_FALSE(failed.contains(first));
}

TEST(ContactBook, names_stay_unique) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  ContactBook book(store.people());
  book.add(people.record("ana", 1), people.session(), {});
  EXPECT_EQ(book.free_name("ana", {}), "ana-2");
  book.add(people.record("ana-2", 2), people.session(), {});
  EXPECT_EQ(book.free_name("ana", {}), "ana-3");
  EXPECT_EQ(book.free_name("", {}), "contact-00000000");
  EXPECT_EQ(book.free_name("bad\nname", {}), "contact-00000000");
  const std::string longest(32, 'x');
  book.add(people.record(longest, 3), people.session(), {});
  EXPECT_EQ(book.free_name(longest, {}), std::string(30, 'x') + "-2");
}

TEST(ContactBook, comes_back_from_the_store_with_all_tags) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  std::size_t tags = 0;
  {
    ContactBook book(store.people());
    EXPECT_FALSE(book.add(people.record("ana", 1), people.session(), {}).empty());
    EXPECT_TRUE(book.dirty());
    book.save_dirty();
    EXPECT_FALSE(book.dirty());
    tags = book.tags().size();
  }
  ContactBook again(store.people());
  EXPECT_EQ(again.load().size(), tags);
  EXPECT_EQ(again.tags().size(), tags);
  ASSERT_TRUE(again.find_name("ana"));
  EXPECT_EQ(again.at(*again.find_name("ana")).sessions.size(), 1u);
}

TEST(ContactBook, both_ends_write_in_the_same_session_whatever_came_first) {
  TwoPeople people;
  HeldSession low = people.session();
  HeldSession high = people.session();
  HeldSession tie = people.session();
  low.generation = 1;
  high.generation = tie.generation = 2;
  high.answer_tag.bytes[0] = 4;
  tie.answer_tag.bytes[0] = 5;
  const std::vector<const HeldSession*> all{&low, &high, &tie};
  std::vector<std::size_t> order{0, 1, 2};
  do {
    MemoryNodeStore store(1'000);
    ContactBook book(store.people());
    book.add(people.record("x", 5), *all[order[0]], {});
    std::vector<wire::DeliveryTag> tags;
    book.add_session(0, *all[order[1]], {}, tags);
    book.add_session(0, *all[order[2]], {}, tags);
    EXPECT_FALSE(tags.empty());
    const auto& sessions = book.at(0).sessions;
    const auto at = writing_index(sessions);
    ASSERT_TRUE(at);
    EXPECT_EQ(sessions[*at].answer_tag, high.answer_tag);
    EXPECT_EQ(book.writing_session(0), &sessions[*at].session);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(ContactBook, an_old_session_is_read_as_long_as_an_envelope_lives) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  ContactBook book(store.people());
  const auto at = [](std::int64_t days) { return base::from_us(days * 86'400'000'000); };
  book.add(people.record("x", 5), people.session(), at(0));
  HeldSession ours = people.session();
  ours.generation = 7;
  std::vector<wire::DeliveryTag> tags;
  book.add_session(0, ours, at(100), tags);
  book.expire(at(200));
  EXPECT_EQ(book.at(0).sessions.size(), 2u) << "nobody knows whether the contact has the new one";
  const std::size_t of_two = book.tags().size();
  book.heard(0, 1, at(200));
  book.expire(at(213));
  EXPECT_EQ(book.at(0).sessions.size(), 2u);
  book.expire(at(214));
  ASSERT_EQ(book.at(0).sessions.size(), 1u);
  EXPECT_EQ(book.at(0).sessions[0].generation, 7u);
  EXPECT_EQ(book.tags().size(), of_two / 2);
  for (const auto& tag : book.at(0).sessions[0].session.expected_tags()) {
    ASSERT_TRUE(book.tags().find(tag));
    EXPECT_EQ(book.tags().find(tag)->session, 0) << "its tags moved with it";
  }
}

TEST(ContactBook, one_that_came_later_and_counts_less_is_kept) {
  // The contact has lost the other, and their clock is behind: they write in this one.
  TwoPeople people;
  MemoryNodeStore store(1'000);
  ContactBook book(store.people());
  HeldSession best = people.session();
  best.generation = 9;
  best.heard = true;
  book.add(people.record("x", 5), best, {});
  HeldSession late = people.session();
  late.generation = 3;
  late.heard = true;
  std::vector<wire::DeliveryTag> tags;
  book.add_session(0, late, {}, tags);
  book.expire(base::from_us(INT64_C(86'400'000'000) * 100));
  EXPECT_EQ(book.at(0).sessions.size(), 2u);
}

TEST(ContactBook, too_many_sessions_push_out_what_counts_least) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  ContactBook book(store.people());
  book.add(people.record("x", 5), people.session(), {});
  std::vector<wire::DeliveryTag> tags;
  for (std::uint64_t generation = 1; generation < 20; ++generation) {
    HeldSession one = people.session();
    one.generation = generation;
    book.add_session(0, std::move(one), {}, tags);
  }
  ASSERT_EQ(book.at(0).sessions.size(), ContactBook::kSessionsMax);
  EXPECT_EQ(book.at(0).sessions.front().generation, 20 - ContactBook::kSessionsMax);
  HeldSession low = people.session();
  book.add_session(0, std::move(low), {}, tags);
  EXPECT_EQ(book.at(0).sessions.back().generation, 0u) << "the last that came is never the one";
  EXPECT_EQ(book.next_generation(0, 5), 20u);
  EXPECT_EQ(book.next_generation(0, 1'700'000'000), 1'700'000'000u);
}

TEST(Sessions, damaged_bytes_are_refused) {
  TwoPeople people;
  std::vector<HeldSession> sessions;
  sessions.push_back(people.session());
  sessions.push_back(people.session());
  sessions[1].we_invited = sessions[1].heard = true;
  sessions[1].generation = 12;
  sessions[1].superseded = base::from_us(77);
  const Unanswered unanswered{base::from_us(5), base::from_us(6)};
  const base::Bytes good = save_sessions(sessions, unanswered);
  const auto list = load_sessions(good);
  ASSERT_TRUE(list);
  EXPECT_EQ(save_sessions(list->sessions, list->unanswered), good);
  EXPECT_EQ(list->sessions[1].superseded, base::from_us(77));
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_FALSE(load_sessions(base::ByteView(good).first(size))) << size;
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(load_sessions(longer));
  // Version, count, flags, generation, size and the session itself.
  for (const std::size_t at : {0u, 1u, 18u, 26u, 45u, 60u}) {
    base::Bytes changed = good;
    changed[at] ^= 0xFF;
    EXPECT_FALSE(load_sessions(changed)) << at;
  }
}

TEST(Standing, comes_back_as_it_was_and_nothing_else_does) {
  base::SeededRandom random(3);
  Standing standing;
  standing.generation_seen = 5;
  standing.theirs_generation = 4;
  standing.theirs_serial = 3;
  for (int i = 0; i < 3; ++i) standing.theirs.push_back(e2ee::make_standing(random).given);
  for (int i = 0; i < 8; ++i) standing.ours.push_back(e2ee::make_standing(random));
  const auto tag = standing.theirs[1].answer_tag();
  standing.use(tag);
  EXPECT_EQ(standing.theirs.size(), 2u);
  EXPECT_TRUE(standing.was_used(tag));
  standing.given_in = random.bytes<wire::EnvelopeId>();
  standing.give_at = base::from_us(9);
  standing.given = true;
  standing.unheard = 2;
  const base::Bytes good = standing.save();
  const auto again = Standing::load(good);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->save(), good);
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_FALSE(Standing::load(base::ByteView(good).first(size))) << size;
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(Standing::load(longer));

  const Standing saved = standing.for_backup();
  EXPECT_EQ(saved.theirs.size(), 2u);
  EXPECT_TRUE(saved.was_used(tag));
  EXPECT_TRUE(saved.ours.empty()) << "their secrets stay here";
  EXPECT_EQ(saved.give_at, base::Time{});
  for (int i = 0; i < 200; ++i) standing.use(random.bytes<wire::DeliveryTag>());
  EXPECT_EQ(standing.used.size(), Standing::kUsedMax);
  ASSERT_TRUE(Standing::load(standing.save()));
}

TEST(InviteBook, is_bounded_and_comes_back_from_the_store) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  TagTable tags;
  InviteBook book(store.people(), tags);
  const auto first = e2ee::make_invite(people.ana, "ana", people.random);
  ASSERT_TRUE(book.add(first));
  EXPECT_FALSE(book.add(first)) << "its tag is taken";
  while (book.size() < InviteBook::kInvitesMax)
    ASSERT_TRUE(book.add(e2ee::make_invite(people.ana, "ana", people.random)));
  EXPECT_FALSE(book.add(e2ee::make_invite(people.ana, "ana", people.random)));
  const base::Bytes answer{1, 2, 3};
  const e2ee::PersonId ben{.bytes = {7}};
  book.answered(first.answer_tag(), answer, ben);
  EXPECT_EQ(book.find(first.answer_tag()), nullptr);
  EXPECT_FALSE(tags.find(first.answer_tag()));

  TagTable tags_again;
  InviteBook again(store.people(), tags_again);
  again.load();
  EXPECT_EQ(again.size(), InviteBook::kInvitesMax - 1);
  EXPECT_EQ(tags_again.size(), again.size());
  EXPECT_EQ(again.who_answered(answer), ben);
  EXPECT_FALSE(again.who_answered(base::Bytes{1, 2, 4}));
}

TEST(EventQueue, people_hear_only_of_what_is_committed_and_once) {
  EventQueue events;
  events.message_changed(1);
  events.message_changed(1);
  EXPECT_FALSE(events.next());
  events.link(LinkClosed{{1}, link::CloseReason::silent});
  events.release();
  EXPECT_TRUE(std::holds_alternative<LinkClosed>(*events.next()));
  EXPECT_TRUE(std::holds_alternative<MessageChanged>(*events.next()));
  EXPECT_FALSE(events.next());
}

TEST(EventQueue, loses_the_oldest_when_nobody_reads) {
  EventQueue events;
  for (MessageId id = 1; id <= EventQueue::kPeopleEventsMax + 5; ++id) events.message_changed(id);
  events.release();
  EXPECT_EQ(events.lost(), 5u);
  EXPECT_EQ(std::get<MessageChanged>(*events.next()).message, 6u);
}

}  // namespace
}  // namespace chaski::node
