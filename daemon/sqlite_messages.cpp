// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_messages.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "daemon/start_error.hpp"

namespace chaski::daemon {

using node::MessageId;
using node::MessageRecord;
using node::MessageState;
using vault::Table;

SqliteMessages::SqliteMessages(Database& database, SqliteTransaction& transaction,
                               BodySegments& texts, RecordSum& sum)
    : database_(database), transaction_(transaction), texts_(texts),
      threads_(database, transaction, "threads", Table::threads, &sum),
      undelivered_(database, transaction, "undelivered", Table::undelivered, &sum),
      lives_(database, transaction, "lives", Table::lives, nullptr),
      timers_(database, transaction, "timers", Table::timers, &sum),
      insert_(database,
              "INSERT INTO messages(key, text_segment, text_block, text_size, head, text) "
              "VALUES(?,?,?,?,?,?)"),
      update_(database, "UPDATE messages SET head = ?2 WHERE key = ?1"),
      erase_(database,
             "UPDATE messages SET head = ?2, text = ?3, text_segment = NULL, text_block = NULL, "
             "text_size = NULL WHERE key = ?1"),
      find_(database,
            "SELECT head, text, text_segment, text_block, text_size FROM messages "
            "WHERE key = ?") {}

std::uint64_t SqliteMessages::count_rows() {
  return static_cast<std::uint64_t>(database_.number("SELECT max(key) FROM messages", 0));
}

void SqliteMessages::take_stock() {
  texts_.forget();
  Statement all(database_,
                "SELECT text_segment, text_block, text_size FROM messages "
                "WHERE text_segment IS NOT NULL");
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) {
    texts_.held({static_cast<std::uint32_t>(all.number(0)),
                 static_cast<std::uint32_t>(all.number(1))},
                static_cast<std::uint32_t>(all.number(2)));
  }
  if (code != SQLITE_DONE) {
    // Nothing may be cleaned up by half a list.
    throw StartError(kExitState, "cannot read the messages in the database: " +
                                     database_.message() + "; check the disk");
  }
  texts_.clean();
}

bool SqliteMessages::open(const vault::RecordSealer& sealer) {
  sealer_ = &sealer;
  for (SealedRows* rows : {&threads_, &undelivered_, &lives_, &timers_}) rows->open(&sealer);
  // Rows of messages are never deleted, so that the ids in use are 1 to the last.
  next_ = count_rows() + 1;
  next_thread_ = threads_.last() + 1;
  next_undelivered_ = undelivered_.last() + 1;
  next_life_ = lives_.last() + 1;
  next_timer_ = timers_.last() + 1;
  bool good = threads_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (const auto t = decode_thread(plain)) thread_of_[t->contact] = {row, t->last, false};
  });
  good = undelivered_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (const auto u = decode_undelivered(plain)) {
      undelivered_by_id_[u->envelope] = {row, u->message};
    }
  }) && good;
  good = timers_.for_each([&](std::uint64_t row, base::ByteView plain) {
    if (const auto timer = decode_timer(plain)) timer_of_[timer->message] = {row, timer->due};
  }) && good;
  return good;
}

void SqliteMessages::close() {
  pending_.clear();
  thread_of_.clear();
  undelivered_by_id_.clear();
  timer_of_.clear();
  released_.clear();
  next_ = 1;
  damaged_ = 0;
  sealer_ = nullptr;
  for (SealedRows* rows : {&threads_, &undelivered_, &lives_, &timers_}) rows->close();
}

SqliteMessages::Text SqliteMessages::store_text(MessageId id, base::ByteView text) {
  Text out;
  out.sealed = sealer_->seal(Table::texts, id, text);
  out.sealed_size = static_cast<std::uint32_t>(out.sealed.size());
  if (text.size() <= kInlineTextMax || transaction_.failed()) return out;
  const auto place = texts_.append(out.sealed);
  if (!place) {
    transaction_.fail(place.error(), "cannot write the texts folder");
    return out;
  }
  out.place = *place;
  out.sealed = {};
  return out;
}

MessageId SqliteMessages::add(const MessageRecord& message) {
  CHASKI_ASSERT(sealer_ != nullptr);
  if (pending_.size() >= kPendingMax) write_pending();
  const MessageId id = next_++;
  ThreadState& thread = thread_of_[message.contact];
  if (thread.row == 0) thread.row = next_thread_++;
  Pending added{.head = {.record = message,
                         .text_size = static_cast<std::uint32_t>(message.text.size()),
                         .previous = std::exchange(thread.last, id)},
                .text = store_text(id, base::as_bytes(message.text)),
                .is_new = true};
  thread.changed = true;
  added.head.record.id = id;
  std::string().swap(added.head.record.text);
  pending_.insert_or_assign(id, std::move(added));
  if (message.direction == node::Direction::outgoing && !node::is_final(message.state)) {
    const std::uint64_t row = next_undelivered_++;
    undelivered_.put(row, encode_undelivered({message.envelope, id}));
    undelivered_by_id_[message.envelope] = {row, id};
  }
  return id;
}

SqliteMessages::Pending* SqliteMessages::pending(MessageId id) {
  const auto known = pending_.find(id);
  if (known != pending_.end()) return &known->second;
  auto read = head(id);
  if (!read) return nullptr;
  return &pending_.emplace(id, Pending{.head = std::move(*read), .text = {}}).first->second;
}

std::optional<MessageHead> SqliteMessages::head(MessageId id) {
  if (const auto known = pending_.find(id); known != pending_.end()) return known->second.head;
  const Reading reading(find_);
  find_.bind_all(id);
  if (find_.step() != SQLITE_ROW) return std::nullopt;
  const base::ByteView blob = find_.blob(0);
  base::Bytes sealed(blob.begin(), blob.end());
  const auto plain = sealer_->open(Table::messages, id, sealed);
  auto head = plain ? decode_head(*plain) : std::nullopt;
  if (!head) {
    ++damaged_;
    return std::nullopt;
  }
  head->record.id = id;
  return head;
}

std::optional<std::string> SqliteMessages::open_text(MessageId id, Text& text) {
  if (text.place.segment != 0) {
    text.sealed.resize(text.sealed_size);
    if (!texts_.read(text.place, text.sealed)) return std::nullopt;
  }
  const auto plain = sealer_->open(Table::texts, id, text.sealed);
  if (!plain) return std::nullopt;
  return std::string(base::as_text(*plain));
}

std::optional<MessageRecord> SqliteMessages::find(MessageId id) {
  CHASKI_ASSERT(sealer_ != nullptr);
  if (id == 0 || id >= next_) return std::nullopt;
  // What cannot be read any more has its place all the same, or what comes after it would be lost.
  MessageRecord otherwise;
  otherwise.id = id;
  otherwise.direction = node::Direction::incoming;
  otherwise.state = MessageState::received;
  const auto known = head(id);
  if (!known) return otherwise;
  Text text;
  if (const auto waiting = pending_.find(id);
      waiting != pending_.end() && (waiting->second.is_new || waiting->second.is_erased)) {
    text = waiting->second.text;
  } else {
    const Reading reading(find_);
    find_.bind_all(id);
    if (find_.step() != SQLITE_ROW) return otherwise;
    const base::ByteView blob = find_.blob(1);
    text = {base::Bytes(blob.begin(), blob.end()),
            {static_cast<std::uint32_t>(find_.number(2)),
             static_cast<std::uint32_t>(find_.number(3))},
            static_cast<std::uint32_t>(find_.number(4))};
  }
  MessageRecord message = known->record;
  auto opened = open_text(id, text);
  if (opened) {
    message.text = std::move(*opened);
  } else {
    ++damaged_;
  }
  return message;
}

std::optional<MessageRecord> SqliteMessages::find_outgoing(const wire::EnvelopeId& envelope) {
  const auto known = undelivered_by_id_.find(envelope);
  if (known == undelivered_by_id_.end()) return std::nullopt;
  return find(known->second.message);
}

void SqliteMessages::for_each_undelivered(
    const std::function<void(const wire::EnvelopeId&, MessageId)>& visit) const {
  for (const auto& [envelope, state] : undelivered_by_id_) visit(envelope, state.message);
}

void SqliteMessages::set_state(MessageId id, MessageState state, std::int64_t unix_s) {
  Pending* const changed = pending(id);
  if (changed == nullptr) return;
  MessageRecord& record = changed->head.record;
  record.state = state;
  if (state == MessageState::delivered) record.delivered_unix_s = unix_s;
  if (state == MessageState::read) record.read_unix_s = unix_s;
  if (node::is_final(state)) end_delivery(record);
}

node::ThreadSearch SqliteMessages::search(const e2ee::PersonId& contact,
                                          std::span<const wire::EnvelopeId> wanted,
                                          MessageId from, std::size_t steps) {
  node::ThreadSearch search;
  search.next = from;
  if (from == 0) {
    const auto thread = thread_of_.find(contact);
    search.next = thread == thread_of_.end() ? 0 : thread->second.last;
  }
  while (search.next != 0 && search.steps < steps) {
    const auto known = head(search.next);
    const MessageId id = search.next;
    // Chains lead back: what does not is damaged.
    search.next = known && known->previous < id ? known->previous : 0;
    ++search.steps;
    if (!known || known->record.state == MessageState::deleted) continue;
    const wire::EnvelopeId& envelope = known->record.envelope;
    if (std::find(wanted.begin(), wanted.end(), envelope) == wanted.end()) continue;
    search.found = {id, envelope};
    break;
  }
  return search;
}

std::vector<MessageRecord> SqliteMessages::query(const node::MessageQuery& query) {
  std::vector<MessageRecord> found;
  MessageId id = next_ - 1;
  if (query.contact) {
    const auto thread = thread_of_.find(*query.contact);
    id = thread == thread_of_.end() ? 0 : thread->second.last;
  }
  while (id > query.after && found.size() < query.limit) {
    auto message = find(id);
    const auto known = query.contact ? head(id) : std::nullopt;
    if (!message || (query.contact && !known)) break;
    found.push_back(std::move(*message));
    // Chains lead back: what does not is damaged.
    if (known && known->previous >= id) break;
    id = query.contact ? known->previous : id - 1;
  }
  std::reverse(found.begin(), found.end());
  return found;
}

void SqliteMessages::add_life_event(MessageId id, const node::LifeEvent& event) {
  Pending* const changed = pending(id);
  if (changed == nullptr) return;
  MessageHead& head = changed->head;
  if (head.life_count < kLifeEventsMax) {
    const std::uint64_t row = next_life_++;
    lives_.put(row, encode_life({event, std::exchange(head.last_life, row)}));
    ++head.life_count;
    return;
  }
  // Of too many the first ones and the newest are kept.
  const auto last = life_row(head.last_life);
  lives_.put(head.last_life, encode_life({event, last ? last->previous : 0}));
}

std::optional<LifeRow> SqliteMessages::life_row(std::uint64_t row) {
  const auto plain = lives_.get(row);
  return plain ? decode_life(*plain) : std::nullopt;
}

std::vector<node::LifeEvent> SqliteMessages::life_events(MessageId id) {
  std::vector<node::LifeEvent> events;
  const auto known = head(id);
  std::uint64_t row = known ? known->last_life : 0;
  while (row != 0 && events.size() < kLifeEventsMax) {
    auto life = life_row(row);
    if (!life) break;
    events.push_back(std::move(life->event));
    row = life->previous;
  }
  std::reverse(events.begin(), events.end());
  return events;
}

void SqliteMessages::write(MessageId id, const Pending& pending) {
  const base::Bytes head = sealer_->seal(Table::messages, id, encode_head(pending.head));
  if (!pending.is_new) {
    const base::ByteView text(pending.text.sealed);
    transaction_.check(pending.is_erased ? erase_.run(id, base::ByteView(head), text)
                                         : update_.run(id, base::ByteView(head)));
    return;
  }
  std::optional<std::uint32_t> segment, block, size;
  if (pending.text.place.segment != 0) {
    segment = pending.text.place.segment;
    block = pending.text.place.block;
    size = pending.text.sealed_size;
  }
  transaction_.check(insert_.run(id, segment, block, size, base::ByteView(head),
                                 base::ByteView(pending.text.sealed)));
}

void SqliteMessages::write_pending() {
  for (const auto& [id, waiting] : pending_) {
    if (!transaction_.begin()) break;
    write(id, waiting);
  }
  pending_.clear();
  for (auto& [contact, thread] : thread_of_) {
    if (!std::exchange(thread.changed, false)) continue;
    threads_.put(thread.row, encode_thread({contact, thread.last}));
  }
}

}  // namespace chaski::daemon
