// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/body_segments.hpp"
#include "daemon/sqlite_transaction.hpp"
#include "node/people_store.hpp"

namespace chaski::daemon {

/// The people's half of the SQLite store: identity, contacts, sessions, invitations, messages.
///
/// Named values and sessions change often and only their newest state counts: they wait in memory
/// until the commit. Texts above kInlineTextMax go to segment files.
class SqlitePeople final : public node::PeopleStore {
 public:
  static constexpr std::int64_t kLifeEventsMax = 64;

  static constexpr std::size_t kInlineTextMax = 8'192;

  SqlitePeople(Database& database, SqliteTransaction& transaction, BodySegments& texts);

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
  node::MessageId add_message(const node::MessageRecord& message) override;
  void set_message_state(node::MessageId id, node::MessageState state,
                         std::int64_t delivered_unix_s) override;
  std::optional<node::MessageRecord> find_message(node::MessageId id) override;
  std::optional<node::MessageRecord> find_outgoing(const wire::EnvelopeId& envelope) override;
  std::vector<node::MessageRecord> messages(const node::MessageQuery& query) override;
  void add_life_event(node::MessageId id, const node::LifeEvent& event) override;
  std::vector<node::LifeEvent> life_events(node::MessageId id) override;
  std::uint64_t message_count() override;

  /// Brings what waits in memory into the transaction.
  void write_pending();
  bool has_pending() const { return !values_.empty() || !sessions_.empty(); }
  /// After a rollback and at start.
  void reload();

 private:
  template <class... Arguments>
  void change(Statement& statement, const Arguments&... arguments) {
    if (transaction_.begin()) transaction_.check(statement.run(arguments...));
  }

  void take_stock_of_texts();
  BodyPlace place(base::ByteView text);
  node::MessageRecord read_message(const Statement& row);

  Database& database_;
  SqliteTransaction& transaction_;
  BodySegments& texts_;
  Statement load_value_;
  Statement save_value_;
  Statement save_contact_;
  Statement save_session_;
  Statement save_invite_;
  Statement erase_invite_;
  Statement add_message_;
  Statement set_state_;
  Statement find_message_;
  Statement find_outgoing_;
  Statement messages_;
  Statement contact_messages_;
  Statement last_life_;
  Statement add_life_;
  Statement life_;

  std::map<std::string, base::Bytes, std::less<>> values_;
  std::map<e2ee::PersonId, base::Bytes> sessions_;
  node::MessageId next_message_ = 1;
  std::uint64_t message_count_ = 0;
};

}  // namespace chaski::daemon
