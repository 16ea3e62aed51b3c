// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

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
  book.add(people.record("ana", 1), people.session());
  EXPECT_EQ(book.free_name("ana", {}), "ana-2");
  book.add(people.record("ana-2", 2), people.session());
  EXPECT_EQ(book.free_name("ana", {}), "ana-3");
  EXPECT_EQ(book.free_name("", {}), "contact-00000000");
  EXPECT_EQ(book.free_name("bad\nname", {}), "contact-00000000");
  const std::string longest(32, 'x');
  book.add(people.record(longest, 3), people.session());
  EXPECT_EQ(book.free_name(longest, {}), std::string(30, 'x') + "-2");
}

TEST(ContactBook, comes_back_from_the_store_with_all_tags) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  std::size_t tags = 0;
  {
    ContactBook book(store.people());
    EXPECT_FALSE(book.add(people.record("ana", 1), people.session()).empty());
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

TEST(ContactBook, both_ends_write_in_the_same_of_two_sessions) {
  TwoPeople people;
  MemoryNodeStore store(1'000);
  ContactBook book(store.people());
  book.add(people.record("x", 5), people.session());
  std::vector<wire::DeliveryTag> tags;
  HeldSession ours = people.session();
  ours.we_invited = true;
  ASSERT_TRUE(book.add_session(0, std::move(ours), tags));
  EXPECT_FALSE(tags.empty());
  EXPECT_FALSE(book.add_session(0, people.session(), tags)) << "two are enough";
  e2ee::PersonId smaller;
  smaller.bytes[0] = 1;
  e2ee::PersonId larger;
  larger.bytes[0] = 9;
  book.set_own_id(smaller);
  EXPECT_EQ(book.writing_session(0), &book.at(0).sessions[1].session);
  book.set_own_id(larger);
  EXPECT_EQ(book.writing_session(0), &book.at(0).sessions[0].session);
}

TEST(Sessions, damaged_bytes_are_refused) {
  TwoPeople people;
  std::vector<HeldSession> sessions;
  sessions.push_back(people.session());
  sessions.push_back(people.session());
  const base::Bytes good = save_sessions(sessions);
  ASSERT_TRUE(load_sessions(good));
  EXPECT_EQ(save_sessions(*load_sessions(good)), good);
  for (std::size_t size = 0; size < good.size(); ++size)
    ASSERT_FALSE(load_sessions(base::ByteView(good).first(size))) << size;
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(load_sessions(longer));
  for (std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{6}}) {
    base::Bytes changed = good;
    changed[at] ^= 0xFF;
    EXPECT_FALSE(load_sessions(changed)) << at;
  }
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
