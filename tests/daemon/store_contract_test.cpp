// SPDX-License-Identifier: Apache-2.0
// What every NodeStore promises, held against the one on disk and the one in memory.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>

#include "attachment/manifest.hpp"
#include "base/random.hpp"
#include "daemon/sqlite_store.hpp"
#include "node/memory_node_store.hpp"
#include "tests/daemon/open_store.hpp"
#include "tests/daemon/store_samples.hpp"
#include "tests/daemon/temporary_folder.hpp"
#include "tests/mesh-router/envelope_store_contract.hpp"

namespace chaski::daemon {
namespace {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreError;
using mesh_router::StoreKey;

constexpr std::uint64_t kQuota = 4u << 20;

/// A store that can lose power.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual node::NodeStore& store() = 0;
  virtual void lose_power() = 0;
};

class OnDisk final : public Subject {
 public:
  OnDisk() { open(); }
  node::NodeStore& store() override { return *store_; }
  void lose_power() override { open(); }

 private:
  void open() {
    store_.reset();
    store_ = open_store({folder_.path(), kQuota, 0});
  }
  TemporaryFolder folder_;
  std::unique_ptr<SqliteStore> store_;
};

class InMemory final : public Subject {
 public:
  node::NodeStore& store() override { return store_; }
  void lose_power() override { store_.crash(); }

 private:
  node::MemoryNodeStore store_{kQuota};
};

using Make = std::function<std::unique_ptr<Subject>()>;

class StoreContract : public testing::TestWithParam<std::pair<const char*, Make>>,
                      protected mesh_router::EnvelopeCalls {
 protected:
  StoreContract() : subject_(GetParam().second()) {}
  mesh_router::EnvelopeStore& envelopes() override { return subject_->store().envelopes(); }
  node::PeopleStore& people() { return subject_->store().people(); }
  void commit() { ASSERT_TRUE(subject_->store().commit()); }
  void lose_power() { subject_->lose_power(); }

  std::unique_ptr<Subject> subject_;
};

TEST_P(StoreContract, WhatWasNotCommittedIsGoneWhole) {
  const StoreKey kept = put(1, 300);
  const StoreKey large = put(2, 40'000);
  commit();
  put(3, 300);
  put(4, 40'000);
  envelopes().erase(kept);
  envelopes().erase(large);
  people().save_value("name", body_of(1, 10));
  people().add_message(message_of(1, node::Direction::incoming));
  envelopes().put_tombstone(tagged<wire::EnvelopeId>(9), base::from_us(5));
  lose_power();
  EXPECT_EQ(all().size(), 2u);
  EXPECT_TRUE(holds(kept, 1, 300));
  EXPECT_TRUE(holds(large, 2, 40'000));
  EXPECT_FALSE(people().load_value("name"));
  EXPECT_EQ(people().message_count(), 0u);
  envelopes().for_each_tombstone([](const wire::EnvelopeId&, base::Time) { FAIL(); });
}

node::FileRecord file_record(node::FileNumber number) {
  attachment::Manifest manifest;
  manifest.plan = *attachment::ChunkPlan::choose(5'000);
  manifest.name = "map.png";
  node::FileRecord record;
  record.number = number;
  record.message = 7;
  record.contact.bytes[3] = 9;
  record.ends = base::from_us(123);
  record.next_row = 1;
  record.copy_key = base::Bytes(32, 4);
  record.manifest = attachment::encode_manifest(manifest);
  return record;
}

std::size_t count_files(node::FileStore& files) {
  std::size_t count = 0;
  files.for_each([&count](const node::FileRecord&) { ++count; });
  return count;
}

TEST_P(StoreContract, AFileIsThereWithItsMarksAndPiecesAfterACommit) {
  node::FileStore* files = &subject_->store().files();
  const node::FileNumber number = files->new_number();
  const base::Bytes marks = body_of(1, 64);
  const base::Bytes piece = body_of(2, 1'672);
  ASSERT_TRUE(files->write(number, 1'672, piece));
  files->save(file_record(number));
  files->save_marks(number, 3, marks);
  commit();
  lose_power();
  files = &subject_->store().files();
  ASSERT_EQ(count_files(*files), 1U);
  files->for_each([&](const node::FileRecord& found) {
    const node::FileRecord wanted = file_record(number);
    EXPECT_EQ(found.number, wanted.number);
    EXPECT_EQ(found.message, wanted.message);
    EXPECT_EQ(found.contact, wanted.contact);
    EXPECT_EQ(found.ends, wanted.ends);
    EXPECT_EQ(found.next_row, wanted.next_row);
    EXPECT_EQ(found.copy_key, wanted.copy_key);
    EXPECT_EQ(found.manifest, wanted.manifest);
  });
  EXPECT_EQ(files->load_marks(number, 3), marks);
  EXPECT_FALSE(files->load_marks(number, 4));
  base::Bytes read(piece.size());
  EXPECT_TRUE(files->read(number, 1'672, read));
  EXPECT_EQ(read, piece);
  EXPECT_FALSE(files->read(number, std::uint64_t{2} * 1'672, read));
  EXPECT_GT(files->new_number(), number);
}

TEST_P(StoreContract, AFileWithoutARecordIsGoneAfterPowerWasLost) {
  node::FileStore* files = &subject_->store().files();
  const node::FileNumber number = files->new_number();
  base::Bytes piece = body_of(2, 1'672);
  ASSERT_TRUE(files->write(number, 0, piece));
  commit();
  lose_power();
  files = &subject_->store().files();
  EXPECT_FALSE(files->read(number, 0, piece));
  EXPECT_EQ(count_files(*files), 0U);
  EXPECT_FALSE(files->write(99, 0, piece)) << "nobody was given this number";
}

TEST_P(StoreContract, AnErasedFileIsThereUntilItsCommit) {
  node::FileStore* files = &subject_->store().files();
  const node::FileNumber number = files->new_number();
  const node::FileNumber kept = files->new_number();
  base::Bytes piece = body_of(2, 1'672);
  for (const node::FileNumber one : {number, kept}) {
    ASSERT_TRUE(files->write(one, 0, piece));
    files->save(file_record(one));
    files->save_marks(one, 0, piece);
  }
  commit();
  files->erase(number);
  lose_power();
  files = &subject_->store().files();
  EXPECT_EQ(count_files(*files), 2U);
  EXPECT_TRUE(files->read(number, 0, piece));
  files->erase(number);
  files->erase_pieces(kept);
  commit();
  EXPECT_EQ(count_files(*files), 1U);
  EXPECT_FALSE(files->load_marks(number, 0));
  EXPECT_TRUE(files->load_marks(kept, 0));
  EXPECT_FALSE(files->read(number, 0, piece));
  EXPECT_FALSE(files->read(kept, 0, piece));
}

TEST_P(StoreContract, WhatHasAnEndIsNoLongerUndelivered) {
  const auto a = people().add_message(message_of(1, node::Direction::outgoing));
  const auto b = people().add_message(message_of(2, node::Direction::outgoing));
  people().add_message(message_of(3, node::Direction::incoming));
  const auto c = people().add_message(message_of(4, node::Direction::outgoing));
  people().set_message_state(a, node::MessageState::delivered, 7);
  people().set_message_state(b, node::MessageState::custody, 0);
  commit();
  people().set_message_state(c, node::MessageState::expired, 0);
  const auto undelivered = [this] {
    std::map<node::MessageId, wire::EnvelopeId> found;
    people().for_each_undelivered(
        [&](const wire::EnvelopeId& id, node::MessageId message) { found[message] = id; });
    return found;
  };
  const std::map<node::MessageId, wire::EnvelopeId> only_b{{b, tagged<wire::EnvelopeId>(2)}};
  EXPECT_EQ(undelivered(), only_b);
  commit();
  lose_power();
  EXPECT_EQ(undelivered(), only_b);
}

TEST_P(StoreContract, TheRelaysOwnValuesAreKeptApart) {
  subject_->store().save_value("a", body_of(1, 10));
  people().save_value("a", body_of(2, 10));
  commit();
  subject_->store().save_value("a", body_of(3, 10));
  lose_power();
  EXPECT_EQ(subject_->store().load_value("a"), body_of(1, 10));
  EXPECT_EQ(people().load_value("a"), body_of(2, 10));
  EXPECT_FALSE(subject_->store().load_value("b"));
}

TEST_P(StoreContract, ValuesAreOverwrittenAndFound) {
  EXPECT_FALSE(people().load_value("a"));
  people().save_value("a", body_of(1, 10));
  EXPECT_EQ(people().load_value("a"), body_of(1, 10));
  commit();
  people().save_value("a", body_of(2, 70'000));
  people().save_value("b", {});
  commit();
  lose_power();
  EXPECT_EQ(people().load_value("a"), body_of(2, 70'000));
  EXPECT_EQ(people().load_value("b"), base::Bytes{});
}

TEST_P(StoreContract, ContactsComeBackWithTheirSessions) {
  people().save_contact(contact_of(1, "anna"));
  people().save_contact(contact_of(2, "bert"));
  people().save_session(contact_of(1, "").id, body_of(1, 50));
  commit();
  people().save_session(contact_of(1, "").id, body_of(3, 90'000));
  auto changed = contact_of(2, "bert");
  changed.trust = node::Trust::changed;
  changed.met = node::Met::introduction;
  changed.introduced_by = contact_of(1, "").id;
  people().save_contact(changed);
  commit();
  lose_power();
  std::map<std::string, std::pair<node::ContactRecord, base::Bytes>> found;
  people().for_each_contact([&](const node::ContactRecord& c, base::ByteView session) {
    found[c.name] = {c, base::Bytes(session.begin(), session.end())};
  });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found["anna"].first.identity, contact_of(1, "").identity);
  EXPECT_EQ(found["anna"].second, body_of(3, 90'000));
  EXPECT_EQ(found["anna"].first.added_unix_s, 1);
  EXPECT_EQ(found["anna"].first.met, node::Met::invitation);
  EXPECT_EQ(found["bert"].first.trust, node::Trust::changed);
  EXPECT_EQ(found["bert"].first.met, node::Met::introduction);
  EXPECT_EQ(found["bert"].first.introduced_by, contact_of(1, "").id);
  EXPECT_TRUE(found["bert"].second.empty());
}

TEST_P(StoreContract, InvitationsComeAndGo) {
  people().save_invite(tagged<wire::DeliveryTag>(1), body_of(1, 100));
  people().save_invite(tagged<wire::DeliveryTag>(2), body_of(2, 100));
  commit();
  people().erase_invite(tagged<wire::DeliveryTag>(1));
  commit();
  lose_power();
  std::size_t n = 0;
  people().for_each_invite([&](const wire::DeliveryTag& tag, base::ByteView invite) {
    ++n;
    EXPECT_EQ(tag, tagged<wire::DeliveryTag>(2));
    EXPECT_TRUE(base::equal(invite, body_of(2, 100)));
  });
  EXPECT_EQ(n, 1u);
}

void expect_same(const node::MessageRecord& a, const node::MessageRecord& b) {
  EXPECT_EQ(a.contact, b.contact);
  EXPECT_EQ(a.direction, b.direction);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.envelope, b.envelope);
  EXPECT_EQ(a.text, b.text);
  EXPECT_EQ(a.sent_unix_s, b.sent_unix_s);
  EXPECT_EQ(a.received_unix_s, b.received_unix_s);
  EXPECT_EQ(a.delivered_unix_s, b.delivered_unix_s);
  EXPECT_EQ(a.lifetime_s, b.lifetime_s);
  EXPECT_EQ(a.age_ms, b.age_ms);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.about, b.about);
  EXPECT_EQ(a.read_unix_s, b.read_unix_s);
  EXPECT_EQ(a.disappears_after_s, b.disappears_after_s);
}

std::map<node::MessageId, base::Time> timers_of(node::PeopleStore& people) {
  std::map<node::MessageId, base::Time> out;
  people.for_each_timer([&](node::MessageId id, base::Time due) { out.emplace(id, due); });
  return out;
}

TEST_P(StoreContract, WhatIsErasedLeavesItsPlaceAndNothingElse) {
  for (const std::size_t size : {std::size_t{20}, std::size_t{50'000}}) {
    auto message = message_of(12, node::Direction::outgoing);
    message.text.assign(size, 'x');
    const auto kept = people().add_message(message_of(12, node::Direction::incoming));
    const auto id = people().add_message(message);
    people().add_life_event(id, {.unix_s = 5, .time = {}, .what = "accepted", .neighbour = {}});
    people().save_timer(id, base::from_us(77));
    if (size == 20) commit();  // once it is on the disk, once it was never there
    people().erase_message(id);
    people().erase_message(id);
    for (int round = 0; round < 2; ++round) {
      const auto found = people().find_message(id);
      ASSERT_TRUE(found);
      expect_same(*found, node::erased(message));
      EXPECT_TRUE(people().life_events(id).empty());
      EXPECT_TRUE(timers_of(people()).empty());
      EXPECT_FALSE(people().find_outgoing(message.envelope));
      expect_same(*people().find_message(kept), message_of(12, node::Direction::incoming));
      commit();
      lose_power();
    }
  }
}

TEST_P(StoreContract, WhatWasErasedAndNotCommittedIsBack) {
  const auto message = message_of(12, node::Direction::outgoing);
  const auto id = people().add_message(message);
  people().save_timer(id, base::from_us(77));
  commit();
  people().erase_message(id);
  lose_power();
  expect_same(*people().find_message(id), message);
  EXPECT_EQ(timers_of(people()).at(id), base::from_us(77));
  EXPECT_TRUE(people().find_outgoing(message.envelope));
}

TEST_P(StoreContract, TimersAreReplacedAndKept) {
  const auto one = people().add_message(message_of(2, node::Direction::incoming));
  const auto two = people().add_message(message_of(4, node::Direction::incoming));
  people().save_timer(one, base::from_us(10));
  people().save_timer(two, base::from_us(20));
  commit();
  people().save_timer(one, base::from_us(30));
  commit();
  lose_power();
  const std::map<node::MessageId, base::Time> expected{{one, base::from_us(30)},
                                                       {two, base::from_us(20)}};
  EXPECT_EQ(timers_of(people()), expected);
}

TEST_P(StoreContract, AConversationIsSearchedBackwardsInSlices) {
  std::vector<node::MessageId> ids;
  for (std::uint64_t number = 0; number < 40; ++number) {
    ids.push_back(people().add_message(message_of(number, node::Direction::incoming)));
    if (number == 30) commit();
  }
  const auto contact = tagged<e2ee::PersonId>(0);  // of the even ones
  const std::vector<wire::EnvelopeId> wanted{tagged<wire::EnvelopeId>(4),
                                             tagged<wire::EnvelopeId>(5),
                                             tagged<wire::EnvelopeId>(30)};
  auto search = people().search_thread(contact, wanted, 0, 3);
  EXPECT_FALSE(search.found);
  EXPECT_EQ(search.steps, 3u);
  search = people().search_thread(contact, wanted, search.next, 100);
  ASSERT_TRUE(search.found);
  EXPECT_EQ(search.found->message, ids[30]);
  EXPECT_EQ(search.found->envelope, wanted[2]);
  search = people().search_thread(contact, wanted, search.next, 100);
  ASSERT_TRUE(search.found);
  EXPECT_EQ(search.found->message, ids[4]);
  search = people().search_thread(contact, wanted, search.next, 100);
  EXPECT_FALSE(search.found);
  EXPECT_EQ(search.next, 0u);
  EXPECT_FALSE(people().search_thread(tagged<e2ee::PersonId>(9), wanted, 0, 100).found);
}

TEST_P(StoreContract, MessagesKeepAllTheirFieldsAndCountUp) {
  const auto out = people().add_message(message_of(1, node::Direction::outgoing));
  const auto in = people().add_message(message_of(2, node::Direction::incoming));
  EXPECT_EQ(in, out + 1);
  people().set_message_state(out, node::MessageState::delivered, 99);
  people().set_message_state(in, node::MessageState::read, 111);
  auto read = message_of(2, node::Direction::incoming);
  read.state = node::MessageState::read;
  read.read_unix_s = 111;
  commit();
  lose_power();
  auto expected = message_of(1, node::Direction::outgoing);
  expected.state = node::MessageState::delivered;
  expected.delivered_unix_s = 99;
  ASSERT_TRUE(people().find_message(out));
  expect_same(*people().find_message(out), expected);
  expect_same(*people().find_message(in), read);
  EXPECT_FALSE(people().find_message(in + 1));
  EXPECT_FALSE(people().find_message(0));
  EXPECT_EQ(people().message_count(), 2u);
  EXPECT_EQ(people().add_message(message_of(3, node::Direction::incoming)), in + 1);
}

TEST_P(StoreContract, OnlyOutgoingMessagesAreFoundByTheirEnvelope) {
  const auto id = people().add_message(message_of(1, node::Direction::outgoing));
  people().add_message(message_of(2, node::Direction::incoming));
  commit();
  const auto found = people().find_outgoing(tagged<wire::EnvelopeId>(1));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, id);
  EXPECT_FALSE(people().find_outgoing(tagged<wire::EnvelopeId>(2)));
}

TEST_P(StoreContract, AQueryGivesTheNewestInAscendingOrder) {
  for (std::uint64_t i = 1; i <= 20; ++i)
    people().add_message(message_of(i, node::Direction::incoming));
  commit();
  const auto ids = [&](node::MessageQuery query) {
    std::vector<node::MessageId> list;
    for (const auto& m : people().messages(query)) list.push_back(m.id);
    return list;
  };
  EXPECT_EQ(ids({std::nullopt, 0, 3}), (std::vector<node::MessageId>{18, 19, 20}));
  EXPECT_EQ(ids({std::nullopt, 18, 10}), (std::vector<node::MessageId>{19, 20}));
  EXPECT_EQ(ids({tagged<e2ee::PersonId>(0), 0, 2}), (std::vector<node::MessageId>{18, 20}));
  EXPECT_EQ(ids({tagged<e2ee::PersonId>(1), 16, 100}), (std::vector<node::MessageId>{17, 19}));
  EXPECT_TRUE(ids({tagged<e2ee::PersonId>(7), 0, 100}).empty());
  EXPECT_EQ(ids({std::nullopt, 0, 0}).size(), 0u);
}

TEST_P(StoreContract, TheLifeOfAMessageIsKeptInOrderAndBounded) {
  const auto a = people().add_message(message_of(1, node::Direction::outgoing));
  const auto b = people().add_message(message_of(2, node::Direction::outgoing));
  people().add_life_event(b, {1, base::from_us(7), "accepted", ""});
  for (int i = 0; i < 100; ++i) {
    people().add_life_event(a, {i, base::from_us(i), i == 0 ? "accepted" : "custody", "0123abcd"});
    if (i % 9 == 0) commit();
  }
  commit();
  lose_power();
  const auto life = people().life_events(a);
  ASSERT_EQ(life.size(), 64u);
  EXPECT_EQ(life[0].what, "accepted");
  for (int i = 0; i < 63; ++i) {
    EXPECT_EQ(life[static_cast<std::size_t>(i)].unix_s, i);
    EXPECT_EQ(life[static_cast<std::size_t>(i)].time, base::from_us(i));
  }
  EXPECT_EQ(life[5].neighbour, "0123abcd");
  ASSERT_EQ(people().life_events(b).size(), 1u);
  EXPECT_EQ(people().life_events(b)[0].what, "accepted");
}

INSTANTIATE_TEST_SUITE_P(
    Both, StoreContract,
    testing::Values(std::pair<const char*, Make>{"disk", [] { return std::make_unique<OnDisk>(); }},
                    std::pair<const char*, Make>{"memory",
                                                 [] { return std::make_unique<InMemory>(); }}),
    [](const auto& which) { return which.param.first; });

/// The envelopes of a NodeStore.
template <class Store>
class EnvelopesOf final : public mesh_router::StoreSubject {
 public:
  mesh_router::EnvelopeStore& envelopes() override { return subject_.store().envelopes(); }
  bool commit() override { return subject_.store().commit().has_value(); }
  void lose_power() override { subject_.lose_power(); }

 private:
  Store subject_;
};

}  // namespace
}  // namespace chaski::daemon

namespace chaski::mesh_router {

INSTANTIATE_TEST_SUITE_P(
    OfANode, EnvelopeStoreContract,
    testing::Values(
        NamedStore{"disk", [] { return std::make_unique<daemon::EnvelopesOf<daemon::OnDisk>>(); }},
        NamedStore{"memory",
                   [] { return std::make_unique<daemon::EnvelopesOf<daemon::InMemory>>(); }}),
    [](const auto& which) { return which.param.first; });

}  // namespace chaski::mesh_router
