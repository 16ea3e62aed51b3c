// SPDX-License-Identifier: Apache-2.0
#include "node/contact_book.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "node/text.hpp"

namespace chaski::node {

void FailedOpens::add(const wire::EnvelopeId& id) {
  if (!ids_.insert(id).second) return;
  order_.push_back(id);
  if (order_.size() <= kIdsMax) return;
  ids_.erase(order_.front());
  order_.pop_front();
}

std::vector<wire::DeliveryTag> ContactBook::load() {
  std::vector<wire::DeliveryTag> tags;
  people_.for_each_contact([&](const ContactRecord& record, base::ByteView session) {
    const std::uint32_t index = insert(record);
    if (auto sessions = load_sessions(session)) contacts_[index].sessions = std::move(*sessions);
    listen(index, tags);
  });
  return tags;
}

std::uint32_t ContactBook::insert(const ContactRecord& record) {
  const auto index = static_cast<std::uint32_t>(contacts_.size());
  contacts_.emplace_back().record = record;
  by_name_.emplace(record.name, index);
  by_id_.emplace(record.id, index);
  return index;
}

/// Puts the tags of the last session into the table, or of all when just loaded.
void ContactBook::listen(std::uint32_t index, std::vector<wire::DeliveryTag>& tags) {
  const std::vector<HeldSession>& sessions = contacts_[index].sessions;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const TagOwner owner{.session = static_cast<std::uint8_t>(i), .contact = index};
    for (const wire::DeliveryTag& tag : sessions[i].session.expected_tags())
      if (tags_.add(tag, owner)) tags.push_back(tag);
  }
}

std::vector<wire::DeliveryTag> ContactBook::add(const ContactRecord& record, HeldSession session) {
  CHASKI_ASSERT(!find_name(record.name) && !find_id(record.id));
  people_.save_contact(record);
  const std::uint32_t index = insert(record);
  std::vector<wire::DeliveryTag> tags;
  const bool added = add_session(index, std::move(session), tags);
  CHASKI_ASSERT(added);
  return tags;
}

bool ContactBook::add_session(std::uint32_t index, HeldSession session,
                              std::vector<wire::DeliveryTag>& tags) {
  Contact& contact = contacts_[index];
  if (contact.sessions.size() >= kSessionsMax) return false;
  contact.sessions.push_back(std::move(session));
  listen(index, tags);  // what is in the table already is left as it is
  mark_dirty(index);
  return true;
}

void ContactBook::rename(std::uint32_t index, std::string_view name) {
  CHASKI_ASSERT(!find_name(name));
  ContactRecord& record = contacts_[index].record;
  by_name_.erase(record.name);
  record.name = name;
  by_name_.emplace(record.name, index);
  people_.save_contact(record);
}

void ContactBook::set_trust(std::uint32_t index, Trust trust) {
  ContactRecord& record = contacts_[index].record;
  if (record.trust == trust) return;
  record.trust = trust;
  people_.save_contact(record);
}

void ContactBook::set_blocked(std::uint32_t index, bool blocked) {
  ContactRecord& record = contacts_[index].record;
  if (record.blocked == blocked) return;
  record.blocked = blocked;
  people_.save_contact(record);
}

void ContactBook::set_own_name(std::uint32_t index, std::string_view name) {
  ContactRecord& record = contacts_[index].record;
  if (record.own_name == name) return;
  record.own_name = name;
  people_.save_contact(record);
}

std::optional<PersonError> ContactBook::refuses_writing(std::uint32_t index) const {
  const Contact& contact = contacts_[index];
  if (contact.record.blocked) return PersonError::contact_blocked;
  if (contact.record.trust == Trust::changed) return PersonError::contact_changed;
  if (contact.sessions.empty()) return PersonError::needs_meeting;
  return std::nullopt;
}

std::vector<wire::DeliveryTag> ContactBook::expected_tags(std::uint32_t index) const {
  std::vector<wire::DeliveryTag> tags;
  for (const HeldSession& held : contacts_[index].sessions) {
    const auto expected = held.session.expected_tags();
    tags.insert(tags.end(), expected.begin(), expected.end());
  }
  return tags;
}

ContactRecord ContactBook::shown(std::uint32_t index) const {
  ContactRecord record = contacts_[index].record;
  record.needs_meeting = contacts_[index].sessions.empty();
  return record;
}

std::optional<std::uint32_t> ContactBook::find_name(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::uint32_t> ContactBook::find_id(const e2ee::PersonId& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

std::string ContactBook::free_name(std::string_view wanted, const e2ee::PersonId& id) const {
  std::string base_name(wanted);
  if (!is_valid_name(base_name)) base_name = "contact-" + base::short_hex(id.view());
  std::string name = base_name;
  for (std::size_t number = 2; find_name(name); ++number) {
    const std::string suffix = "-" + std::to_string(number);
    name = std::string(utf8_prefix(base_name, kNameSizeMax - suffix.size())) + suffix;
  }
  return name;
}

e2ee::Session* ContactBook::writing_session(std::uint32_t index) {
  Contact& contact = contacts_[index];
  const bool ours_first = us_ < contact.record.id;
  HeldSession* best = nullptr;
  for (HeldSession& held : contact.sessions)
    if (best == nullptr || held.we_invited == ours_first) best = &held;
  return best == nullptr ? nullptr : &best->session;
}

void ContactBook::apply(std::uint32_t index, std::uint8_t session,
                        const e2ee::TagChanges& changes) {
  const TagOwner owner{.session = session, .contact = index};
  for (const wire::DeliveryTag& tag : changes.removed) tags_.remove(tag, owner);
  for (const wire::DeliveryTag& tag : changes.added) tags_.add(tag, owner);
}

void ContactBook::mark_dirty(std::uint32_t index) {
  Contact& contact = contacts_[index];
  if (contact.dirty) return;
  contact.dirty = true;
  dirty_.push_back(index);
}

void ContactBook::save_dirty() {
  for (std::uint32_t index : dirty_) {
    Contact& contact = contacts_[index];
    contact.dirty = false;
    people_.save_session(contact.record.id, save_sessions(contact.sessions));
  }
  dirty_.clear();
}

void ContactBook::expire(base::Time now) {
  for (std::uint32_t index = 0; index < contacts_.size(); ++index) {
    std::vector<HeldSession>& sessions = contacts_[index].sessions;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      e2ee::TagChanges changes;
      sessions[i].session.expire(now, changes);
      if (changes.added.empty() && changes.removed.empty()) continue;
      apply(index, static_cast<std::uint8_t>(i), changes);
      mark_dirty(index);
    }
  }
}

namespace {
constexpr std::uint8_t kSessionsVersion = 1;
}

base::Bytes save_sessions(const std::vector<HeldSession>& sessions) {
  base::Bytes out{kSessionsVersion, static_cast<std::uint8_t>(sessions.size())};
  for (const HeldSession& held : sessions) {
    const base::Bytes bytes = held.session.save();
    out.push_back(held.we_invited ? 1 : 0);
    for (unsigned shift = 0; shift < 32; shift += 8)
      out.push_back(static_cast<std::uint8_t>(bytes.size() >> shift));
    out.insert(out.end(), bytes.begin(), bytes.end());
  }
  return out;
}

std::optional<std::vector<HeldSession>> load_sessions(base::ByteView bytes) {
  constexpr std::size_t kHeader = 5;
  if (bytes.size() < 2 || bytes[0] != kSessionsVersion) return std::nullopt;
  const std::size_t count = bytes[1];
  if (count > ContactBook::kSessionsMax) return std::nullopt;
  bytes = bytes.subspan(2);
  std::vector<HeldSession> out;
  for (std::size_t i = 0; i < count; ++i) {
    if (bytes.size() < kHeader || bytes[0] > 1) return std::nullopt;
    std::size_t size = 0;
    for (std::size_t k = 0; k < 4; ++k) size |= static_cast<std::size_t>(bytes[1 + k]) << (8 * k);
    if (size > bytes.size() - kHeader) return std::nullopt;
    auto session = e2ee::Session::load(bytes.subspan(kHeader, size));
    if (!session) return std::nullopt;
    out.push_back(HeldSession{std::move(*session), bytes[0] == 1});
    bytes = bytes.subspan(kHeader + size);
  }
  if (!bytes.empty()) return std::nullopt;
  return out;
}

}  // namespace chaski::node
