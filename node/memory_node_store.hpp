// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "node/body_pool.hpp"
#include "node/memory_files.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

/// Envelopes in memory with true commit semantics: an undo journal since the last commit.
///
/// Bounded by bytes: each envelope counts with its size and kEnvelopeOverhead.
class JournaledEnvelopes final : public mesh_router::EnvelopeStore {
 public:
  /// What one envelope is taken to cost beside its bytes.
  static constexpr std::uint64_t kEnvelopeOverhead = 64;

  JournaledEnvelopes(std::uint64_t bytes_max, std::shared_ptr<BodyPool> pool);
  ~JournaledEnvelopes() override;
  JournaledEnvelopes(const JournaledEnvelopes&) = delete;
  JournaledEnvelopes& operator=(const JournaledEnvelopes&) = delete;

  base::Expected<mesh_router::StoreKey, mesh_router::StoreError> put(
      const mesh_router::EnvelopeRecord& record, base::ByteView envelope) override;
  base::ByteView read(mesh_router::StoreKey key) override;
  void erase(mesh_router::StoreKey key) override;
  void put_tombstone(const wire::EnvelopeId& id, base::Time until) override;
  void expire_tombstones(base::Time now) override;
  void for_each(const std::function<void(mesh_router::StoreKey,
                                         const mesh_router::EnvelopeRecord&)>& visit) override;
  void for_each_tombstone(
      const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) override;
  mesh_router::StoreUsage usage() const override;
  bool accepts() const override { return accepts_; }
  /// How many of the envelopes are receipts.
  std::uint64_t receipts() const { return receipts_; }

  void set_accepts(bool accepts) { accepts_ = accepts; }
  void commit();
  void roll_back();

 private:
  struct Entry {
    mesh_router::EnvelopeRecord record;
    std::uint64_t order = 0;  ///< counts puts, for "oldest first"
  };
  enum class Change : std::uint8_t { put, erased };
  struct Undo {
    Change change;
    std::size_t slot = 0;            ///< erased: nothing is put there before the commit
    BodyPool::Body* body = nullptr;  ///< what was erased
  };
  struct TombstoneUndo {
    wire::EnvelopeId id;
    std::optional<base::Time> before;
  };

  void undo(const Undo& change);
  void undo_tombstone();
  void count_in(std::size_t slot);
  void count_out(std::size_t slot, const BodyPool::Body& body);

  std::uint64_t bytes_max_;
  std::shared_ptr<BodyPool> pool_;
  std::uint64_t bytes_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t receipts_ = 0;
  std::uint64_t next_order_ = 1;
  bool accepts_ = true;
  std::deque<Entry> slots_;              ///< StoreKey is the slot number plus one
  std::vector<BodyPool::Body*> bodies_;  ///< of the slots; null where one is free
  std::vector<std::size_t> free_;
  std::unordered_map<wire::EnvelopeId, base::Time, EnvelopeIdHash> tombstones_;
  base::Time first_tombstone_end_ = base::Time::max();
  std::vector<Undo> journal_;
  std::vector<TombstoneUndo> tombstone_journal_;
};

/// People in memory; every change records how to take it back.
class JournaledPeople final : public PeopleStore {
 public:
  static constexpr std::size_t kLifeEventsMax = 64;

  std::optional<base::Bytes> load_value(std::string_view key) override;
  void save_value(std::string_view key, base::ByteView value) override;
  void save_contact(const ContactRecord& contact) override;
  void save_session(const e2ee::PersonId& contact, base::ByteView session) override;
  void for_each_contact(
      const std::function<void(const ContactRecord&, base::ByteView)>& visit) override;
  void save_invite(const wire::DeliveryTag& tag, base::ByteView invite) override;
  void erase_invite(const wire::DeliveryTag& tag) override;
  void for_each_invite(
      const std::function<void(const wire::DeliveryTag&, base::ByteView)>& visit) override;
  MessageId add_message(const MessageRecord& message) override;
  void set_message_state(MessageId id, MessageState state, std::int64_t unix_s) override;
  void erase_message(MessageId id) override;
  ThreadSearch search_thread(const e2ee::PersonId& contact,
                             std::span<const wire::EnvelopeId> wanted, MessageId from,
                             std::size_t steps) override;
  void save_timer(MessageId id, base::Time due) override;
  void for_each_timer(const std::function<void(MessageId, base::Time)>& visit) override;
  std::optional<MessageRecord> find_message(MessageId id) override;
  std::optional<MessageRecord> find_outgoing(const wire::EnvelopeId& envelope) override;
  void for_each_undelivered(
      const std::function<void(const wire::EnvelopeId&, MessageId)>& visit) override;
  std::vector<MessageRecord> messages(const MessageQuery& query) override;
  void add_life_event(MessageId id, const LifeEvent& event) override;
  std::vector<LifeEvent> life_events(MessageId id) override;
  std::uint64_t message_count() override { return messages_.size(); }

  bool changed() const { return !journal_.empty(); }
  void commit() { journal_.clear(); }
  void roll_back();

 private:
  struct Contact {
    ContactRecord record;
    base::Bytes session;
  };
  struct Message {
    MessageRecord record;
    std::vector<LifeEvent> life;
  };
  template <class Map, class Key>
  void journal_key(Map& map, const Key& key);
  Message* message(MessageId id);

  std::map<std::string, base::Bytes, std::less<>> values_;
  std::map<e2ee::PersonId, Contact> contacts_;
  std::map<wire::DeliveryTag, base::Bytes> invites_;
  std::vector<Message> messages_;  ///< MessageId is the index plus one
  std::map<MessageId, base::Time> timers_;
  std::unordered_map<wire::EnvelopeId, MessageId, EnvelopeIdHash> outgoing_;
  std::vector<std::function<void()>> journal_;
};

/// A NodeStore in memory, for the simulator and tests, that forgets on a crash what was not
/// committed, exactly as a disk would.
class MemoryNodeStore final : public NodeStore {
 public:
  /// Nodes of one process may share `pool`, so that each envelope's bytes lie in memory once.
  explicit MemoryNodeStore(std::uint64_t bytes_max, std::shared_ptr<BodyPool> pool = nullptr);

  JournaledEnvelopes& envelopes() override { return envelopes_; }
  JournaledPeople& people() override { return people_; }
  JournaledFiles& files() override { return files_; }
  base::Expected<void, mesh_router::StoreError> commit() override;
  std::optional<base::Bytes> load_value(std::string_view key) override {
    return relay_.load_value(key);
  }
  void save_value(std::string_view key, base::ByteView value) override {
    relay_.save_value(key, value);
  }

  /// Power is lost: everything since the last commit is gone. Drop the Node first.
  void crash();
  /// The next commits fail with this error (and roll back), until cleared.
  void fail_commits(std::optional<mesh_router::StoreError> error) { commit_error_ = error; }
  /// A disk that takes no more envelopes.
  void set_accepts(bool accepts) { envelopes_.set_accepts(accepts); }
  std::uint64_t commits() const { return commits_; }

 private:
  JournaledEnvelopes envelopes_;
  JournaledPeople people_;
  JournaledFiles files_;
  JournaledPeople relay_;  ///< its values alone
  std::optional<mesh_router::StoreError> commit_error_;
  std::uint64_t commits_ = 0;
};

}  // namespace chaski::node
