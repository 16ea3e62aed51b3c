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
    Contact& contact = contacts_[index];
    if (auto list = load_sessions(session)) {
      contact.sessions = std::move(list->sessions);
      contact.unanswered = list->unanswered;
    }
    if (const auto bytes = people_.load_value(standing_name(record.id.view())))
      contact.standing = Standing::load(*bytes).value_or(Standing{});
    for (std::size_t i = 0; i < contact.sessions.size(); ++i) listen(index, i, tags);
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

namespace {
TagOwner owner_of(std::uint32_t index, std::size_t session) {
  return {.session = static_cast<std::uint8_t>(session), .contact = index};
}
}  // namespace

/// Puts the tags of one session into the table.
void ContactBook::listen(std::uint32_t index, std::size_t session,
                         std::vector<wire::DeliveryTag>& tags) {
  for (const wire::DeliveryTag& tag : contacts_[index].sessions[session].session.expected_tags())
    if (tags_.add(tag, owner_of(index, session))) tags.push_back(tag);
}

void ContactBook::forget(std::uint32_t index, std::size_t session) {
  for (const wire::DeliveryTag& tag : contacts_[index].sessions[session].session.expected_tags())
    tags_.remove(tag, owner_of(index, session));
}

/// Those behind it move up, and their tags with them.
void ContactBook::drop(std::uint32_t index, std::size_t session) {
  std::vector<HeldSession>& sessions = contacts_[index].sessions;
  for (std::size_t i = session; i < sessions.size(); ++i) forget(index, i);
  sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(session));
  std::vector<wire::DeliveryTag> known;
  for (std::size_t i = session; i < sessions.size(); ++i) listen(index, i, known);
  mark_dirty(index);
}

std::vector<wire::DeliveryTag> ContactBook::add(const ContactRecord& record, HeldSession session,
                                                base::Time now) {
  CHASKI_ASSERT(!find_name(record.name) && !find_id(record.id));
  people_.save_contact(record);
  const std::uint32_t index = insert(record);
  std::vector<wire::DeliveryTag> tags;
  add_session(index, std::move(session), now, tags);
  return tags;
}

void ContactBook::add_session(std::uint32_t index, HeldSession session, base::Time now,
                              std::vector<wire::DeliveryTag>& tags) {
  Contact& contact = contacts_[index];
  contact.standing.generation_seen =
      std::max(contact.standing.generation_seen, session.generation);
  if (!session.we_invited) contact.standing.use(session.answer_tag);
  mark_standing(index);
  contact.sessions.push_back(std::move(session));
  listen(index, contact.sessions.size() - 1, tags);
  mark_superseded(contact.sessions, now);
  if (contact.sessions.size() > kSessionsMax) drop(index, least_index(contact.sessions));
  mark_dirty(index);
  touch(index).new_session = true;
}

Contact& ContactBook::touch(std::uint32_t index) {
  Contact& contact = contacts_[index];
  if (!contact.touched) touched_.push_back(index);
  contact.touched = true;
  return contact;
}

std::vector<ContactBook::Touched> ContactBook::take_touched() {
  std::vector<Touched> out;
  out.reserve(touched_.size());
  for (const std::uint32_t index : touched_) {
    Contact& contact = contacts_[index];
    out.push_back({index, contact.written, contact.new_session});
    contact.touched = contact.written = contact.new_session = false;
  }
  touched_.clear();
  return out;
}

void ContactBook::wrote(std::uint32_t index, std::uint32_t lifetime_s, base::Time now) {
  Contact& contact = touch(index);
  contact.written = true;
  if (contact.unanswered.until != base::Time{}) return;
  const base::Duration lifetime = std::chrono::seconds(lifetime_s);
  contact.unanswered = {.since = now, .until = now + std::max(lifetime, kSilenceMin)};
}

std::uint64_t ContactBook::next_generation(std::optional<std::uint32_t> index,
                                           std::int64_t unix_s) const {
  const auto clock = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_s, 0));
  const std::uint64_t seen = index ? contacts_[*index].standing.generation_seen : 0;
  return std::min(std::max(clock, index ? seen + 1 : 0), e2ee::kGenerationMax);
}

void ContactBook::heard(std::uint32_t index, std::uint8_t session, base::Time now) {
  Contact& contact = contacts_[index];
  HeldSession& held = contact.sessions[session];
  if (!held.heard) {
    held.heard = true;
    mark_superseded(contact.sessions, now);
  }
  // In one that we do not write in they may know nothing of what we write.
  if (writing_index(contact.sessions) != std::size_t{session}) return;
  if (contact.unanswered.until != base::Time{}) {
    contact.unanswered = {};
    touch(index);
  }
  if (contact.standing.unheard == 0 && contact.standing.heal_at == base::Time{}) return;
  contact.standing.unheard = 0;
  contact.standing.heal_at = {};
  mark_standing(index);
  touch(index);
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
  for (const e2ee::StandingInvite& one : contacts_[index].standing.ours)
    tags.push_back(one.given.answer_tag());
  return tags;
}

ContactRecord ContactBook::shown(std::uint32_t index) const {
  ContactRecord record = contacts_[index].record;
  const Contact& contact = contacts_[index];
  record.needs_meeting = contact.sessions.empty() && contact.standing.theirs.empty();
  record.sessions = static_cast<std::uint32_t>(contact.sessions.size());
  record.standing = static_cast<std::uint32_t>(contact.standing.theirs.size());
  record.renewed_unix_s = contact.standing.renewed_unix_s;
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
  std::vector<HeldSession>& sessions = contacts_[index].sessions;
  const auto best = writing_index(sessions);
  return best ? &sessions[*best].session : nullptr;
}

void ContactBook::apply(std::uint32_t index, std::uint8_t session,
                        const e2ee::TagChanges& changes) {
  const TagOwner owner = owner_of(index, session);
  for (const wire::DeliveryTag& tag : changes.removed) tags_.remove(tag, owner);
  for (const wire::DeliveryTag& tag : changes.added) tags_.add(tag, owner);
}

void ContactBook::mark_dirty(std::uint32_t index) {
  Contact& contact = contacts_[index];
  if (contact.dirty) return;
  contact.dirty = true;
  dirty_.push_back(index);
}

void ContactBook::mark_standing(std::uint32_t index) {
  Contact& contact = contacts_[index];
  if (contact.standing_dirty) return;
  contact.standing_dirty = true;
  standing_dirty_.push_back(index);
}

void ContactBook::save_dirty() {
  for (std::uint32_t index : dirty_) {
    Contact& contact = contacts_[index];
    contact.dirty = false;
    people_.save_session(contact.record.id,
                         save_sessions(contact.sessions, contact.unanswered));
  }
  dirty_.clear();
  for (std::uint32_t index : standing_dirty_) {
    Contact& contact = contacts_[index];
    contact.standing_dirty = false;
    people_.save_value(standing_name(contact.record.id.view()), contact.standing.save());
  }
  standing_dirty_.clear();
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
    for (std::size_t i = sessions.size(); i-- > 0;) {
      if (sessions[i].superseded && *sessions[i].superseded + kSupersededKept <= now)
        drop(index, i);
    }
  }
}

}  // namespace chaski::node
