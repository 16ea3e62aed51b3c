// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/assert.hpp"
#include "node/memory_node_store.hpp"

namespace chaski::node {

/// Remembers what `map` has under `key` now, or that it has nothing.
template <class Map, class Key>
void JournaledPeople::journal_key(Map& map, const Key& key) {
  const auto found = map.find(key);
  if (found == map.end()) {
    journal_.push_back([&map, owned = typename Map::key_type(key)] { map.erase(owned); });
  } else {
    journal_.push_back([&map, owned = typename Map::key_type(key), before = found->second] {
      map.insert_or_assign(owned, before);
    });
  }
}

std::optional<base::Bytes> JournaledPeople::load_value(std::string_view key) {
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

void JournaledPeople::save_value(std::string_view key, base::ByteView value) {
  journal_key(values_, std::string(key));
  values_.insert_or_assign(std::string(key), base::Bytes(value.begin(), value.end()));
}

void JournaledPeople::save_contact(const ContactRecord& contact) {
  journal_key(contacts_, contact.id);
  contacts_[contact.id].record = contact;
}

void JournaledPeople::save_session(const e2ee::PersonId& contact, base::ByteView session) {
  const auto found = contacts_.find(contact);
  if (found == contacts_.end()) return;
  Contact& entry = found->second;
  base::Bytes before = std::move(entry.session);
  entry.session.assign(session.begin(), session.end());
  journal_.push_back(
      [this, contact, old = std::move(before)] { contacts_[contact].session = old; });
}

void JournaledPeople::for_each_contact(
    const std::function<void(const ContactRecord&, base::ByteView)>& visit) {
  for (const auto& [id, contact] : contacts_) visit(contact.record, contact.session);
}

void JournaledPeople::save_invite(const wire::DeliveryTag& tag, base::ByteView invite) {
  journal_key(invites_, tag);
  invites_.insert_or_assign(tag, base::Bytes(invite.begin(), invite.end()));
}

void JournaledPeople::erase_invite(const wire::DeliveryTag& tag) {
  if (!invites_.contains(tag)) return;
  journal_key(invites_, tag);
  invites_.erase(tag);
}

void JournaledPeople::for_each_invite(
    const std::function<void(const wire::DeliveryTag&, base::ByteView)>& visit) {
  for (const auto& [tag, invite] : invites_) visit(tag, invite);
}

JournaledPeople::Message* JournaledPeople::message(MessageId id) {
  return id == 0 || id > messages_.size() ? nullptr : &messages_[id - 1];
}

MessageId JournaledPeople::add_message(const MessageRecord& record) {
  messages_.push_back(Message{record, {}});
  const MessageId id = messages_.size();
  messages_.back().record.id = id;
  const bool outgoing = record.direction == Direction::outgoing;
  if (outgoing) outgoing_[record.envelope] = id;
  journal_.push_back([this, outgoing, envelope = record.envelope] {
    if (outgoing) outgoing_.erase(envelope);
    messages_.pop_back();
  });
  return id;
}

void JournaledPeople::set_message_state(MessageId id, MessageState state, std::int64_t unix_s) {
  Message* found = message(id);
  if (found == nullptr) return;
  MessageRecord& record = found->record;
  journal_.push_back([this, id, before = record.state, delivered = record.delivered_unix_s,
                      read = record.read_unix_s] {
    message(id)->record.state = before;
    message(id)->record.delivered_unix_s = delivered;
    message(id)->record.read_unix_s = read;
  });
  record.state = state;
  if (state == MessageState::delivered) record.delivered_unix_s = unix_s;
  if (state == MessageState::read) record.read_unix_s = unix_s;
}

void JournaledPeople::erase_message(MessageId id) {
  Message* found = message(id);
  if (found == nullptr) return;
  if (timers_.contains(id)) {
    journal_key(timers_, id);
    timers_.erase(id);
  }
  if (found->record.direction == Direction::outgoing) {
    journal_key(outgoing_, found->record.envelope);
    outgoing_.erase(found->record.envelope);
  }
  journal_.push_back([this, id, before = *found] { *message(id) = before; });
  *found = Message{erased(found->record), {}};
}

ThreadSearch JournaledPeople::search_thread(const e2ee::PersonId& contact,
                                            std::span<const wire::EnvelopeId> wanted,
                                            MessageId from, std::size_t steps) {
  ThreadSearch search;
  search.next = from == 0 ? messages_.size() : std::min<MessageId>(from, messages_.size());
  while (search.next > 0 && search.steps < steps) {
    const MessageRecord& record = messages_[search.next - 1].record;
    --search.next;
    if (record.contact != contact) continue;
    ++search.steps;
    if (record.state == MessageState::deleted ||
        std::find(wanted.begin(), wanted.end(), record.envelope) == wanted.end()) {
      continue;
    }
    search.found = {record.id, record.envelope};
    break;
  }
  return search;
}

void JournaledPeople::save_timer(MessageId id, base::Time due) {
  journal_key(timers_, id);
  timers_.insert_or_assign(id, due);
}

void JournaledPeople::for_each_timer(const std::function<void(MessageId, base::Time)>& visit) {
  for (const auto& [id, due] : timers_) visit(id, due);
}

std::optional<MessageRecord> JournaledPeople::find_message(MessageId id) {
  const Message* found = message(id);
  if (found == nullptr) return std::nullopt;
  return found->record;
}

std::optional<MessageRecord> JournaledPeople::find_outgoing(const wire::EnvelopeId& envelope) {
  const auto found = outgoing_.find(envelope);
  if (found == outgoing_.end()) return std::nullopt;
  return find_message(found->second);
}

void JournaledPeople::for_each_undelivered(
    const std::function<void(const wire::EnvelopeId&, MessageId)>& visit) {
  for (const Message& message : messages_) {
    const MessageRecord& record = message.record;
    if (record.direction == Direction::outgoing && !is_final(record.state)) {
      visit(record.envelope, record.id);
    }
  }
}

std::vector<MessageRecord> JournaledPeople::messages(const MessageQuery& query) {
  std::vector<MessageRecord> out;
  for (std::size_t id = messages_.size(); id > query.after && out.size() < query.limit; --id) {
    const MessageRecord& record = messages_[id - 1].record;
    if (!query.contact || record.contact == *query.contact) out.push_back(record);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

void JournaledPeople::add_life_event(MessageId id, const LifeEvent& event) {
  Message* found = message(id);
  if (found == nullptr || found->life.size() >= kLifeEventsMax) return;
  found->life.push_back(event);
  journal_.push_back([this, id] { message(id)->life.pop_back(); });
}

std::vector<LifeEvent> JournaledPeople::life_events(MessageId id) {
  const Message* found = message(id);
  return found == nullptr ? std::vector<LifeEvent>{} : found->life;
}

void JournaledPeople::roll_back() {
  while (!journal_.empty()) {
    journal_.back()();
    journal_.pop_back();
  }
}

}  // namespace chaski::node
