// SPDX-License-Identifier: Apache-2.0
#include "node/prekey_desk.hpp"

#include <algorithm>

#include "node/origin.hpp"

namespace chaski::node {
namespace {

TagOwner owner_of(std::uint32_t contact) {
  return {.kind = TagOwner::Kind::standing, .contact = contact};
}

}  // namespace

base::Time PrekeyDesk::some_time_after(base::Time now) {
  const auto span = static_cast<std::uint64_t>((kDelayMax - kDelayMin).count());
  return now + kDelayMin + base::Duration(static_cast<std::int64_t>(context_.random.below(span)));
}

bool PrekeyDesk::listen(std::uint32_t contact, const wire::DeliveryTag& tag) {
  return contacts_.tags().add(tag, owner_of(contact));
}

void PrekeyDesk::load(base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  for (std::uint32_t index = 0; index < contacts_.size(); ++index) {
    const Contact& contact = contacts_.at(index);
    const Standing& standing = contact.standing;
    for (const e2ee::StandingInvite& one : standing.ours) {
      const wire::DeliveryTag tag = one.given.answer_tag();
      if (listen(index, tag)) fresh.push_back(tag);
    }
    due_.set(index, standing.give_at);
    const bool waits = !standing.given && standing.given_until > now;
    if (waits) underway_.emplace(standing.given_in, index);
    // A contact of before there were lists.
    if (!contact.sessions.empty() && standing.our_serial == 0) consider(index, false, now);
  }
}

void PrekeyDesk::due(std::uint32_t contact, base::Time at) {
  contacts_.at(contact).standing.give_at = at;
  due_.set(contact, at);
  contacts_.mark_standing(contact);
  context_.dirty = true;
}

void PrekeyDesk::consider(std::uint32_t contact, bool new_session, base::Time now) {
  const Contact& entry = contacts_.at(contact);
  const Standing& standing = entry.standing;
  if (entry.sessions.empty() || standing.give_at != base::Time{}) return;
  const bool has_some = standing.given || standing.given_until > now;
  if (new_session || !has_some) due(contact, some_time_after(now));
}

void PrekeyDesk::take(std::uint32_t contact, std::uint64_t generation, base::ByteView payload) {
  auto list = e2ee::decode_prekeys(payload);
  if (!list) return;
  Standing& standing = contacts_.at(contact).standing;
  if (std::pair(generation, list->serial) <=
      std::pair(standing.theirs_generation, standing.theirs_serial)) {
    return;
  }
  standing.theirs_generation = generation;
  standing.theirs_serial = list->serial;
  standing.theirs = std::move(list->invitations);
  std::erase_if(standing.theirs,
                [&standing](const auto& one) { return standing.was_used(one.answer_tag()); });
  contacts_.mark_standing(contact);
}

const e2ee::StandingInvite* PrekeyDesk::find(std::uint32_t contact,
                                             const wire::DeliveryTag& tag) const {
  const auto& ours = contacts_.at(contact).standing.ours;
  const auto found = std::find_if(ours.begin(), ours.end(), [&tag](const auto& one) {
    return one.given.answer_tag() == tag;
  });
  return found == ours.end() ? nullptr : &*found;
}

void PrekeyDesk::answered(std::uint32_t contact, const wire::DeliveryTag& tag) {
  const wire::DeliveryTag owned = tag;
  std::erase_if(contacts_.at(contact).standing.ours,
                [&owned](const auto& one) { return one.given.answer_tag() == owned; });
  contacts_.tags().remove(owned, owner_of(contact));
  contacts_.mark_standing(contact);
}

std::vector<wire::EnvelopeId> PrekeyDesk::underway() const {
  std::vector<wire::EnvelopeId> out;
  out.reserve(underway_.size());
  for (const auto& [id, contact] : underway_) out.push_back(id);
  return out;
}

void PrekeyDesk::delivered(const wire::EnvelopeId& envelope) {
  const auto found = underway_.find(envelope);
  if (found == underway_.end()) return;
  Standing& standing = contacts_.at(found->second).standing;
  if (standing.given_in == envelope) standing.given = true;
  contacts_.mark_standing(found->second);
  context_.dirty = true;
  underway_.erase(found);
}

void PrekeyDesk::wake(mesh_router::Router& router, base::Time now,
                      std::vector<wire::DeliveryTag>& fresh) {
  while (const auto contact = due_.take(now)) {
    const bool sent = give(*contact, router, now, fresh);
    due(*contact, sent ? base::Time{} : now + kRetry);
  }
}

/// New ones beside those that are left, when these are few.
void PrekeyDesk::fill(std::uint32_t contact, std::vector<wire::DeliveryTag>& fresh) {
  auto& ours = contacts_.at(contact).standing.ours;
  if (ours.size() > kLow) return;
  while (ours.size() < Standing::kGiven) {
    e2ee::StandingInvite one = e2ee::make_standing(context_.random);
    const wire::DeliveryTag tag = one.given.answer_tag();
    if (!listen(contact, tag)) return;
    fresh.push_back(tag);
    ours.push_back(std::move(one));
  }
}

/// False when the store takes nothing now.
bool PrekeyDesk::give(std::uint32_t contact, mesh_router::Router& router, base::Time now,
                      std::vector<wire::DeliveryTag>& fresh) {
  Standing& standing = contacts_.at(contact).standing;
  if (contacts_.refuses_writing(contact)) return true;
  e2ee::Session* session = contacts_.writing_session(contact);
  if (!context_.store.envelopes().accepts()) return false;
  fill(contact, fresh);
  contacts_.mark_standing(contact);
  const auto clock = static_cast<std::uint64_t>(std::max<std::int64_t>(context_.wall.unix_s, 0));
  e2ee::Prekeys list{.serial = std::max(standing.our_serial + 1, clock), .invitations = {}};
  for (const e2ee::StandingInvite& one : standing.ours) list.invitations.push_back(one.given);

  e2ee::Session before = *session;
  const e2ee::Content content{.kind = e2ee::ContentKind::prekeys,
                              .token = {},
                              .sent_at_unix_s = context_.wall.unix_s,
                              .payload = e2ee::encode_prekeys(list)};
  const e2ee::SealedEnvelope sealed =
      session->seal(content, kListLifetime_s, wire::Priority::normal, context_.random);
  const auto id = router.submit(sealed.envelope, initial_carry_state(context_.random), now);
  if (!id) {
    *session = std::move(before);
    return false;
  }
  contacts_.mark_dirty(contact);
  context_.dirty = true;
  standing.our_serial = list.serial;
  standing.given_in = *id;
  standing.given_until = now + std::chrono::seconds(kListLifetime_s);
  standing.given = false;
  underway_.emplace(*id, contact);
  return true;
}

}  // namespace chaski::node
