// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "daemon/sqlite_messages.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

/// The people's half of the SQLite store: identity, contacts, sessions, invitations, messages, all
/// of it in sealed rows.
///
/// Closed until open() gave it what seals: nothing may be asked of it before, but is_open(),
/// empty() and what they say. Named values and sessions change often and only their newest state
/// counts: they wait in memory until the commit.
class SqlitePeople final : public node::PeopleStore {
 public:
  enum class OpenError : std::uint8_t {
    other_key,  ///< the rows were sealed under another data key
    damaged,    ///< a row does not open, is missing, or was put back as it once was
  };

  SqlitePeople(Database& database, SqliteTransaction& transaction, BodySegments& texts);

  /// Reads what is kept in memory and holds all rows against their sum. After an error it is
  /// closed.
  base::Expected<void, OpenError> open(const vault::RecordSealer& sealer);
  /// Forgets everything. What was not committed is lost.
  void close();
  bool is_open() const { return sealer_ != nullptr; }
  /// Whether nobody ever was a person here.
  bool empty();

  std::optional<base::Bytes> load_value(std::string_view key) override;
  void save_value(std::string_view key, base::ByteView value) override;
  void save_contact(const node::ContactRecord& contact) override;
  void save_session(const e2ee::PersonId& contact, base::ByteView session) override;
  void for_each_contact(const std::function<void(const node::ContactRecord&,
                                                 base::ByteView session)>& visit) override;
  void save_invite(const wire::DeliveryTag& tag, base::ByteView invite) override;
  void erase_invite(const wire::DeliveryTag& tag) override;
  void for_each_invite(
      const std::function<void(const wire::DeliveryTag&, base::ByteView)>& visit) override;
  node::MessageId add_message(const node::MessageRecord& message) override {
    return messages_.add(message);
  }
  void set_message_state(node::MessageId id, node::MessageState state,
                         std::int64_t unix_s) override {
    messages_.set_state(id, state, unix_s);
  }
  void erase_message(node::MessageId id) override { messages_.erase(id); }
  node::ThreadSearch search_thread(const e2ee::PersonId& contact,
                                   std::span<const wire::EnvelopeId> wanted,
                                   node::MessageId from, std::size_t steps) override {
    return messages_.search(contact, wanted, from, steps);
  }
  void save_timer(node::MessageId id, base::Time due) override { messages_.save_timer(id, due); }
  void for_each_timer(const std::function<void(node::MessageId, base::Time)>& visit) override {
    messages_.for_each_timer(visit);
  }
  std::optional<node::MessageRecord> find_message(node::MessageId id) override {
    return messages_.find(id);
  }
  std::optional<node::MessageRecord> find_outgoing(const wire::EnvelopeId& envelope) override {
    return messages_.find_outgoing(envelope);
  }
  void for_each_undelivered(const std::function<void(const wire::EnvelopeId&, node::MessageId)>&
                                visit) override {
    messages_.for_each_undelivered(visit);
  }
  std::vector<node::MessageRecord> messages(const node::MessageQuery& query) override {
    return messages_.query(query);
  }
  void add_life_event(node::MessageId id, const node::LifeEvent& event) override {
    messages_.add_life_event(id, event);
  }
  std::vector<node::LifeEvent> life_events(node::MessageId id) override {
    return messages_.life_events(id);
  }
  std::uint64_t message_count() override { return messages_.count(); }
  std::uint64_t damaged() const { return messages_.damaged(); }

  /// Brings what waits in memory into the transaction.
  void write_pending();
  /// The transaction is durable.
  void committed() { messages_.committed(); }
  /// After a rollback and at start.
  void reload();

 private:
  bool read_all();
  base::Expected<void, OpenError> check_sum();
  /// The row of a key that has one, or a new one.
  template <class Rows, class Key>
  std::uint64_t row_of(Rows& rows, const Key& key, std::uint64_t& next) {
    const auto [known, added] = rows.try_emplace(typename Rows::key_type(key), next);
    if (added) ++next;
    return known->second;
  }

  Database& database_;
  RecordSum sum_;
  SqliteMessages messages_;
  SealedRows items_;
  SealedRows contacts_;
  SealedRows sessions_;
  SealedRows invitations_;
  SealedRows sums_;
  const vault::RecordSealer* sealer_ = nullptr;

  std::map<std::string, std::uint64_t, std::less<>> item_rows_;
  std::map<e2ee::PersonId, std::uint64_t> contact_rows_;  ///< of sessions too
  std::map<wire::DeliveryTag, std::uint64_t> invitation_rows_;
  std::uint64_t next_item_ = 1;
  std::uint64_t next_contact_ = 1;
  std::uint64_t next_invitation_ = 1;
  std::map<std::string, base::Bytes, std::less<>> values_;
  std::map<e2ee::PersonId, base::Bytes> new_sessions_;
};

}  // namespace chaski::daemon
