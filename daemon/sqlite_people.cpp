// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_people.hpp"

#include <algorithm>

#include "daemon/start_error.hpp"

namespace chaski::daemon {
namespace {

using node::ContactRecord;
using node::LifeEvent;
using node::MessageId;
using node::MessageRecord;

#define CHASKI_MESSAGE_COLUMNS                                                           \
  "id, contact, direction, state, envelope, text, sent_unix_s, received_unix_s, "        \
  "delivered_unix_s, lifetime_s, age_ms, text_segment, text_block, text_size"

template <class Tagged>
bool take(base::ByteView bytes, Tagged& out) {
  const auto value = Tagged::from(bytes);
  if (value) out = *value;
  return value.has_value();
}

BodyPlace place_in(const Statement& row, int segment_column) {
  return {static_cast<std::uint32_t>(row.number(segment_column)),
          static_cast<std::uint32_t>(row.number(segment_column + 1))};
}

/// Half an id is enough to find by, and makes the index half as large.
std::int64_t outgoing_key(const wire::EnvelopeId& id) {
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | id.bytes[i];
  return static_cast<std::int64_t>(key);
}

/// Messages 1, 2, ... have the life keys 64 to 127, 128 to 191, ...
std::int64_t first_life_key(MessageId id) {
  return static_cast<std::int64_t>(id) * SqlitePeople::kLifeEventsMax;
}

}  // namespace

SqlitePeople::SqlitePeople(Database& database, SqliteTransaction& transaction,
                           BodySegments& texts)
    : database_(database), transaction_(transaction), texts_(texts),
      load_value_(database, "SELECT value FROM items WHERE name = ?"),
      save_value_(database, "INSERT OR REPLACE INTO items(name, value) VALUES(?,?)"),
      save_contact_(database,
                    "INSERT OR REPLACE INTO contacts(id, agreement, signing, name, trust, "
                    "added_unix_s) VALUES(?,?,?,?,?,?)"),
      save_session_(database,
                    "INSERT INTO sessions(contact, state) VALUES(?,?) "
                    "ON CONFLICT(contact) DO UPDATE SET state = excluded.state"),
      save_invite_(database, "INSERT OR REPLACE INTO invites(tag, invite) VALUES(?,?)"),
      erase_invite_(database, "DELETE FROM invites WHERE tag = ?"),
      add_message_(database,
                   "INSERT INTO messages(" CHASKI_MESSAGE_COLUMNS
                   ", outgoing_key) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
      set_state_(database, "UPDATE messages SET state = ?2, delivered_unix_s = ?3 WHERE id = ?1"),
      find_message_(database,
                    "SELECT " CHASKI_MESSAGE_COLUMNS " FROM messages WHERE id = ?"),
      find_outgoing_(database,
                     "SELECT " CHASKI_MESSAGE_COLUMNS
                     " FROM messages WHERE outgoing_key = ? AND envelope = ?"),
      messages_(database,
                "SELECT " CHASKI_MESSAGE_COLUMNS
                " FROM messages WHERE id > ? ORDER BY id DESC LIMIT ?"),
      contact_messages_(database,
                        "SELECT " CHASKI_MESSAGE_COLUMNS
                        " FROM messages WHERE contact = ? AND id > ? ORDER BY id DESC LIMIT ?"),
      last_life_(database, "SELECT max(key) FROM life WHERE key BETWEEN ? AND ?"),
      add_life_(database,
                "INSERT OR REPLACE INTO life(key, unix_s, time_us, what, neighbour) "
                "VALUES(?,?,?,?,?)"),
      life_(database,
            "SELECT unix_s, time_us, what, neighbour FROM life WHERE key BETWEEN ? AND ? "
            "ORDER BY key") {
  reload();
}

void SqlitePeople::reload() {
  values_.clear();
  sessions_.clear();
  // Messages are never deleted, so that the ids in use are 1 to the last.
  const std::int64_t last = database_.number("SELECT max(id) FROM messages", 0);
  message_count_ = static_cast<std::uint64_t>(last);
  next_message_ = static_cast<MessageId>(last) + 1;
  take_stock_of_texts();
}

void SqlitePeople::take_stock_of_texts() {
  texts_.forget();
  Statement all(database_,
                "SELECT text_segment, text_block, text_size FROM messages "
                "WHERE text_segment IS NOT NULL");
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) {
    texts_.held(place_in(all, 0), static_cast<std::uint32_t>(all.number(2)));
  }
  if (code != SQLITE_DONE) {
    // Nothing may be cleaned up by half a list.
    throw StartError(kExitState, "cannot read the messages in the database: " +
                                     database_.message() + "; check the disk");
  }
  texts_.clean();
}

MessageRecord SqlitePeople::read_message(const Statement& row) {
  MessageRecord m;
  m.id = static_cast<MessageId>(row.number(0));
  take(row.blob(1), m.contact);
  m.direction = static_cast<node::Direction>(row.number(2));
  m.state = static_cast<node::MessageState>(row.number(3));
  take(row.blob(4), m.envelope);
  m.sent_unix_s = row.number(6);
  m.received_unix_s = row.number(7);
  m.delivered_unix_s = row.number(8);
  m.lifetime_s = static_cast<std::uint32_t>(row.number(9));
  m.age_ms = static_cast<std::uint64_t>(row.number(10));
  const BodyPlace place = place_in(row, 11);
  if (place.segment == 0) {
    m.text = std::string(base::as_text(row.blob(5)));
    return m;
  }
  m.text.resize(static_cast<std::size_t>(row.number(13)));
  auto* const bytes = reinterpret_cast<std::uint8_t*>(m.text.data());
  if (!texts_.read(place, {bytes, m.text.size()})) m.text.clear();
  return m;
}

/// Where a text goes that is too large for its row; nowhere when it is not, or cannot be written.
BodyPlace SqlitePeople::place(base::ByteView text) {
  if (text.size() <= kInlineTextMax || transaction_.failed()) return {};
  const auto place = texts_.append(text);
  if (!place) transaction_.fail(place.error(), "cannot write the texts folder");
  return place.value_or(BodyPlace{});
}

std::optional<base::Bytes> SqlitePeople::load_value(std::string_view key) {
  if (const auto waiting = values_.find(key); waiting != values_.end()) return waiting->second;
  const Reading reading(load_value_);
  load_value_.bind_all(key);
  if (load_value_.step() != SQLITE_ROW) return std::nullopt;
  const base::ByteView value = load_value_.blob(0);
  return base::Bytes(value.begin(), value.end());
}

void SqlitePeople::save_value(std::string_view key, base::ByteView value) {
  values_.insert_or_assign(std::string(key), base::Bytes(value.begin(), value.end()));
}

void SqlitePeople::save_contact(const ContactRecord& contact) {
  change(save_contact_, contact.id.view(), contact.identity.agreement.view(),
         contact.identity.signing.view(), std::string_view(contact.name),
         static_cast<int>(contact.trust), contact.added_unix_s);
}

void SqlitePeople::save_session(const e2ee::PersonId& contact, base::ByteView session) {
  sessions_.insert_or_assign(contact, base::Bytes(session.begin(), session.end()));
}

void SqlitePeople::for_each_contact(
    const std::function<void(const ContactRecord&, base::ByteView session)>& visit) {
  write_pending();
  Statement all(database_,
                "SELECT id, agreement, signing, name, trust, added_unix_s, state FROM contacts "
                "LEFT JOIN sessions ON contact = id ORDER BY added_unix_s, name");
  while (all.step() == SQLITE_ROW) {
    ContactRecord c;
    if (!take(all.blob(0), c.id) || !take(all.blob(1), c.identity.agreement) ||
        !take(all.blob(2), c.identity.signing)) {
      continue;
    }
    c.name = all.text(3);
    c.trust = static_cast<node::Trust>(all.number(4));
    c.added_unix_s = all.number(5);
    visit(c, all.blob(6));
  }
}

void SqlitePeople::save_invite(const wire::DeliveryTag& tag, base::ByteView invite) {
  change(save_invite_, tag.view(), invite);
}

void SqlitePeople::erase_invite(const wire::DeliveryTag& tag) {
  change(erase_invite_, tag.view());
}

void SqlitePeople::for_each_invite(
    const std::function<void(const wire::DeliveryTag&, base::ByteView)>& visit) {
  Statement all(database_, "SELECT tag, invite FROM invites");
  wire::DeliveryTag tag;
  while (all.step() == SQLITE_ROW) {
    if (take(all.blob(0), tag)) visit(tag, all.blob(1));
  }
}

MessageId SqlitePeople::add_message(const MessageRecord& m) {
  const MessageId id = next_message_++;
  ++message_count_;
  const auto direction = static_cast<int>(m.direction);
  const auto state = static_cast<int>(m.state);
  base::ByteView text = base::as_bytes(m.text);
  std::optional<std::uint32_t> segment, block, size;
  if (const BodyPlace at = place(text); at.segment != 0) {
    segment = at.segment;
    block = at.block;
    size = static_cast<std::uint32_t>(text.size());
    text = {};
  }
  std::optional<std::int64_t> key;
  if (m.direction == node::Direction::outgoing) key = outgoing_key(m.envelope);
  change(add_message_, id, m.contact.view(), direction, state, m.envelope.view(), text,
         m.sent_unix_s, m.received_unix_s, m.delivered_unix_s, m.lifetime_s, m.age_ms, segment,
         block, size, key);
  return id;
}

void SqlitePeople::set_message_state(MessageId id, node::MessageState state,
                                     std::int64_t delivered_unix_s) {
  change(set_state_, id, static_cast<int>(state), delivered_unix_s);
}

std::optional<MessageRecord> SqlitePeople::find_message(MessageId id) {
  const Reading reading(find_message_);
  find_message_.bind_all(id);
  if (find_message_.step() != SQLITE_ROW) return std::nullopt;
  return read_message(find_message_);
}

std::optional<MessageRecord> SqlitePeople::find_outgoing(const wire::EnvelopeId& envelope) {
  const Reading reading(find_outgoing_);
  find_outgoing_.bind_all(outgoing_key(envelope), envelope.view());
  if (find_outgoing_.step() != SQLITE_ROW) return std::nullopt;
  return read_message(find_outgoing_);
}

std::vector<MessageRecord> SqlitePeople::messages(const node::MessageQuery& query) {
  Statement& statement = query.contact ? contact_messages_ : messages_;
  const Reading reading(statement);
  if (query.contact) {
    statement.bind_all(query.contact->view(), query.after, query.limit);
  } else {
    statement.bind_all(query.after, query.limit);
  }
  std::vector<MessageRecord> found;
  while (statement.step() == SQLITE_ROW) found.push_back(read_message(statement));
  std::reverse(found.begin(), found.end());
  return found;
}

void SqlitePeople::add_life_event(MessageId id, const LifeEvent& event) {
  const std::int64_t first = first_life_key(id);
  const std::int64_t end = first + kLifeEventsMax - 1;
  std::int64_t key = first;
  {
    const Reading reading(last_life_);
    last_life_.bind_all(first, end);
    // Of too many the first ones and the newest are kept.
    if (last_life_.step() == SQLITE_ROW && last_life_.number(0) >= first) {
      key = std::min(last_life_.number(0) + 1, end);
    }
  }
  change(add_life_, key, event.unix_s, base::to_us(event.time), std::string_view(event.what),
         std::string_view(event.neighbour));
}

std::vector<LifeEvent> SqlitePeople::life_events(MessageId id) {
  const Reading reading(life_);
  const std::int64_t first = first_life_key(id);
  life_.bind_all(first, first + kLifeEventsMax - 1);
  std::vector<LifeEvent> events;
  while (life_.step() == SQLITE_ROW) {
    events.push_back({life_.number(0), base::from_us(life_.number(1)), life_.text(2),
                      life_.text(3)});
  }
  return events;
}

std::uint64_t SqlitePeople::message_count() { return message_count_; }

void SqlitePeople::write_pending() {
  for (const auto& [name, value] : values_) change(save_value_, std::string_view(name),
                                                   base::ByteView(value));
  values_.clear();
  for (const auto& [contact, state] : sessions_) change(save_session_, contact.view(),
                                                        base::ByteView(state));
  sessions_.clear();
}

}  // namespace chaski::daemon
