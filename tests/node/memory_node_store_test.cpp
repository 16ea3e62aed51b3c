// SPDX-License-Identifier: Apache-2.0
#include "node/memory_node_store.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>

#include "wire/envelope.hpp"

namespace chaski::node {
namespace {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreError;
using mesh_router::StoreKey;

EnvelopeRecord record(const base::Bytes& bytes) {
  EnvelopeRecord out;
  out.id = wire::envelope_id(bytes);
  out.size = static_cast<std::uint32_t>(bytes.size());
  if (bytes.size() % 3 == 0) out.kind = wire::EnvelopeKind::receipt;
  return out;
}

/// Everything that a store holds, in one comparable value.
struct Snapshot {
  std::map<StoreKey, base::Bytes> envelopes;
  std::map<wire::EnvelopeId, base::Time> tombstones;
  std::map<std::string, base::Bytes> people;
  std::uint64_t bytes = 0;
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

Snapshot snapshot(MemoryNodeStore& store) {
  Snapshot out;
  std::uint64_t receipts = 0;
  store.envelopes().for_each([&](StoreKey key, const EnvelopeRecord& held) {
    if (held.kind == wire::EnvelopeKind::receipt) ++receipts;
    const base::ByteView view = store.envelopes().read(key);
    out.envelopes[key] = base::Bytes(view.begin(), view.end());
  });
  store.envelopes().for_each_tombstone(
      [&](const wire::EnvelopeId& id, base::Time until) { out.tombstones[id] = until; });
  for (const char* name : {"a", "b", "c"})
    if (const auto value = store.people().load_value(name)) out.people[name] = *value;
  store.people().for_each_contact([&](const ContactRecord& contact, base::ByteView session) {
    out.people["contact " + contact.name] = base::Bytes(session.begin(), session.end());
  });
  store.people().for_each_invite([&](const wire::DeliveryTag& tag, base::ByteView invite) {
    out.people["invite " + std::to_string(tag.bytes[0])] =
        base::Bytes(invite.begin(), invite.end());
  });
  MessageQuery query;
  query.limit = 10'000;
  for (const MessageRecord& message : store.people().messages(query)) {
    const auto life = static_cast<std::uint8_t>(store.people().life_events(message.id).size());
    out.people["message " + std::to_string(message.id) + message.text] =
        base::Bytes{static_cast<std::uint8_t>(message.state), life};
    const bool findable = store.people().find_outgoing(message.envelope).has_value();
    EXPECT_EQ(findable, message.direction == Direction::outgoing);
  }
  out.bytes = store.envelopes().usage().bytes;
  EXPECT_EQ(store.envelopes().usage().envelopes, out.envelopes.size());
  EXPECT_EQ(store.envelopes().receipts(), receipts);
  return out;
}

void change_envelopes(MemoryNodeStore& store, base::Random& random) {
  const auto number = static_cast<std::uint8_t>(random.below(40));
  const base::Bytes bytes(10 + number, number);
  switch (random.below(4)) {
    case 0:
    case 1:
      (void)store.envelopes().put(record(bytes), bytes);
      break;
    case 2:
      store.envelopes().erase(1 + random.below(40));
      break;
    default:
      store.envelopes().put_tombstone(record(bytes).id,
                                      base::from_us(std::int64_t{number} * 1'000));
      if (random.below(3) == 0)
        store.envelopes().expire_tombstones(base::from_us(static_cast<int>(random.below(40'000))));
      break;
  }
}

void change_people(MemoryNodeStore& store, base::Random& random) {
  JournaledPeople& people = store.people();
  const auto number = static_cast<std::uint8_t>(random.below(4));
  const base::Bytes value{number, static_cast<std::uint8_t>(random.below(200))};
  const std::string name(1, static_cast<char>('a' + number % 3));
  ContactRecord contact;
  contact.id.bytes[0] = number;
  contact.name = name;
  wire::DeliveryTag tag;
  tag.bytes[0] = number;
  MessageRecord message;
  message.text = name;
  message.envelope = random.bytes<wire::EnvelopeId>();
  message.direction = random.below(2) == 0 ? Direction::outgoing : Direction::incoming;
  const MessageId any = 1 + random.below(20);
  switch (random.below(8)) {
    case 0:
      people.save_value(name, value);
      break;
    case 1:
      people.save_contact(contact);
      break;
    case 2:
      people.save_session(contact.id, value);
      break;
    case 3:
      people.save_invite(tag, value);
      break;
    case 4:
      people.erase_invite(tag);
      break;
    case 5:
      people.add_message(message);
      break;
    case 6:
      people.set_message_state(any, MessageState::custody, 0);
      break;
    default:
      people.add_life_event(any, LifeEvent{});
      break;
  }
}

TEST(MemoryNodeStore, a_crash_gives_back_exactly_what_was_committed) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    base::SeededRandom random(seed);
    auto pool = std::make_shared<BodyPool>();
    {
      MemoryNodeStore store(1'500, pool);
      Snapshot committed = snapshot(store);
      for (int step = 0; step < 400; ++step) {
        if (random.below(2) == 0) {
          change_envelopes(store, random);
        } else {
          change_people(store, random);
        }
        const std::uint64_t what = random.below(20);
        if (what == 0) {
          ASSERT_TRUE(store.commit());
          committed = snapshot(store);
        } else if (what == 1) {
          store.crash();
          ASSERT_EQ(snapshot(store), committed);
        } else if (what == 2) {
          store.fail_commits(StoreError::full);
          ASSERT_EQ(store.commit().error(), StoreError::full);
          store.fail_commits(std::nullopt);
          ASSERT_EQ(snapshot(store), committed);
        }
      }
    }
    ASSERT_EQ(pool->size(), 0u) << "bytes that nobody holds are freed";
  }
}

TEST(MemoryNodeStore, envelopes_come_back_oldest_first_although_slots_are_used_again) {
  MemoryNodeStore store(10'000);
  std::vector<StoreKey> keys;
  for (std::uint8_t i = 0; i < 6; ++i) {
    const base::Bytes bytes(20, i);
    keys.push_back(*store.envelopes().put(record(bytes), bytes));
    if (i == 2) store.envelopes().erase(keys[0]);
  }
  std::vector<std::uint8_t> order;
  store.envelopes().for_each([&](StoreKey key, const EnvelopeRecord&) {
    order.push_back(store.envelopes().read(key).front());
  });
  EXPECT_EQ(order, (std::vector<std::uint8_t>{1, 2, 3, 4, 5}));
}

TEST(MemoryNodeStore, it_refuses_rather_than_evicts) {
  MemoryNodeStore store(300);
  const base::Bytes small(100, 1);
  const base::Bytes other(100, 2);
  ASSERT_TRUE(store.envelopes().put(record(small), small));
  EXPECT_EQ(store.envelopes().put(record(other), other).error(), StoreError::quota);
  store.set_accepts(false);
  EXPECT_FALSE(store.envelopes().accepts());
  EXPECT_EQ(store.envelopes().put(record(other), other).error(), StoreError::full);
}

TEST(MemoryNodeStore, queries_give_the_newest_in_ascending_order) {
  MemoryNodeStore store(1'000);
  for (std::uint8_t i = 0; i < 10; ++i) {
    MessageRecord message;
    message.contact.bytes[0] = i % 2;
    message.text = std::to_string(i);
    store.people().add_message(message);
  }
  MessageQuery query;
  query.limit = 3;
  query.contact = e2ee::PersonId{};
  const auto found = store.people().messages(query);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].text, "4");
  EXPECT_EQ(found[2].text, "8");
  query.after = 7;
  EXPECT_EQ(store.people().messages(query).size(), 1u);
}

}  // namespace
}  // namespace chaski::node
