// SPDX-License-Identifier: Apache-2.0
#include "node/healing.hpp"

#include <algorithm>
#include <utility>

#include "node/origin.hpp"

namespace chaski::node {

void Healing::load(base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  prekeys_.load(now, fresh);
  for (std::uint32_t index = 0; index < contacts_.size(); ++index) {
    const Contact& contact = contacts_.at(index);
    due_.set(index, contact.standing.heal_at);
    evidence_.set(index, contact.unanswered.until);
    const bool restored = contact.sessions.empty() && !contact.standing.theirs.empty();
    if (restored && contact.standing.heal_at == base::Time{})
      due(index, prekeys_.some_time_after(now));
  }
}

void Healing::settle(base::Time now) {
  for (const ContactBook::Touched& touched : contacts_.take_touched()) {
    evidence_.set(touched.contact, contacts_.at(touched.contact).unanswered.until);
    due_.set(touched.contact, contacts_.at(touched.contact).standing.heal_at);
    if (touched.written || touched.new_session)
      prekeys_.consider(touched.contact, touched.new_session, now);
  }
}

void Healing::due(std::uint32_t contact, base::Time at) {
  contacts_.at(contact).standing.heal_at = at;
  due_.set(contact, at);
  contacts_.mark_standing(contact);
  context_.dirty = true;
}

base::Expected<ContactRecord, PersonError> Healing::heal(std::string_view contact,
                                                         mesh_router::Router& router,
                                                         base::Time now,
                                                         std::vector<wire::DeliveryTag>& fresh) {
  if (!owner_) return base::unexpected(PersonError::no_identity);
  const auto index = contacts_.find_name(contact);
  if (!index) return base::unexpected(PersonError::unknown_contact);
  if (auto done = renew(*index, router, now, fresh); !done)
    return base::unexpected(done.error());
  return contacts_.shown(*index);
}

void Healing::before_writing(std::uint32_t contact, mesh_router::Router& router, base::Time now,
                             std::vector<wire::DeliveryTag>& fresh) {
  const Contact& entry = contacts_.at(contact);
  if (!owner_ || !entry.sessions.empty()) return;
  // When it cannot be, writing says so.
  if (const auto done = renew(contact, router, now, fresh); !done) return;
}

base::Expected<void, PersonError> Healing::renew(std::uint32_t contact,
                                                 mesh_router::Router& router, base::Time now,
                                                 std::vector<wire::DeliveryTag>& fresh) {
  Contact& entry = contacts_.at(contact);
  Standing& standing = entry.standing;
  const auto why = contacts_.refuses_writing(contact);
  if (why && *why != PersonError::needs_meeting) return base::unexpected(*why);
  if (standing.theirs.empty()) return base::unexpected(PersonError::needs_meeting);
  if (!context_.store.envelopes().accepts()) return base::unexpected(PersonError::store_full);
  const e2ee::StandingPublic one =
      standing.theirs[context_.random.below(standing.theirs.size())];
  const e2ee::InvitePublic invite = e2ee::standing_invite(one, entry.record.identity,
                                                          owner_->identity.public_identity());
  const std::uint64_t generation = contacts_.next_generation(contact, context_.wall.unix_s);
  // No name: they know us by the one they gave us.
  auto accepted =
      e2ee::accept_invite(owner_->identity, "", invite, context_.random, generation);
  if (!accepted) {  // a key that no honest contact gives
    standing.use(one.answer_tag());
    contacts_.mark_standing(contact);
    return base::unexpected(PersonError::needs_meeting);
  }
  const base::Bytes envelope =
      e2ee::answer_envelope(accepted->answer, wire::kLifetimeMax_s, context_.random);
  if (!router.submit(envelope, initial_carry_state(context_.random), now))
    return base::unexpected(PersonError::store_full);

  contacts_.add_session(contact,
                        HeldSession{.session = std::move(accepted->session),
                                    .we_invited = false,
                                    .generation = generation,
                                    .answer_tag = accepted->answer.tag,
                                    .heard = false},
                        now, fresh);
  // Until something comes of it there may be another try.
  const base::Duration wait =
      kAgainMin * (1u << std::min<unsigned>(standing.unheard, kDoublingsMax));
  if (standing.unheard < UINT8_MAX) ++standing.unheard;
  standing.healed_at = now;
  entry.unanswered = {.since = now, .until = now + wait};
  evidence_.set(contact, entry.unanswered.until);
  due(contact, {});
  renewed(contact, true, now);
  return {};
}

bool Healing::open_answer(std::uint32_t contact, const wire::DeliveryTag& tag, base::ByteView body,
                          base::Time now, std::vector<wire::DeliveryTag>& fresh) {
  const e2ee::StandingInvite* standing = prekeys_.find(contact, tag);
  if (!owner_ || standing == nullptr) return false;
  const e2ee::IdentityPublic& identity = contacts_.at(contact).record.identity;
  auto answered = e2ee::open_answer(
      owner_->identity,
      e2ee::standing_pending(*standing, owner_->identity.public_identity(), identity), body);
  if (!answered) return false;
  contacts_.add_session(contact,
                        HeldSession{.session = std::move(answered->session),
                                    .we_invited = true,
                                    .generation = answered->generation,
                                    .answer_tag = tag,
                                    .heard = true},
                        now, fresh);
  prekeys_.answered(contact, tag);
  renewed(contact, false, now);
  return true;
}

void Healing::renewed(std::uint32_t contact, bool by_us, base::Time now) {
  Contact& entry = contacts_.at(contact);
  entry.standing.renewed_unix_s = context_.wall.unix_s;
  contacts_.mark_standing(contact);
  context_.dirty = true;
  context_.events.session_renewed(entry.record, by_us);
  // What is under way in the old session may find nobody who can still open it.
  std::vector<MessageId> marked;
  std::size_t looked_at = 0;
  PeopleStore& people = context_.people();
  people.for_each_undelivered([&](const wire::EnvelopeId&, MessageId id) {
    if (++looked_at <= kMarkedMax) marked.push_back(id);
  });
  for (const MessageId id : marked) {
    const auto message = people.find_message(id);
    if (!message || message->contact != entry.record.id) continue;
    people.add_life_event(id, LifeEvent{.unix_s = context_.wall.unix_s,
                                        .time = now,
                                        .what = "session renewed",
                                        .neighbour = {}});
  }
}

bool Healing::was_delivered_since(const Contact& contact, base::Duration ago) const {
  const std::int64_t since =
      context_.wall.unix_s - std::chrono::duration_cast<std::chrono::seconds>(ago).count();
  MessageQuery query;
  query.contact = contact.record.id;
  for (const MessageRecord& message : context_.people().messages(query)) {
    const bool arrived =
        message.state == MessageState::delivered || message.state == MessageState::read;
    if (arrived && message.sent_unix_s >= since) return true;
  }
  return false;
}

/// A message has run out, and nothing came in the session since it was written.
void Healing::look_for_evidence(std::uint32_t contact, base::Time now) {
  Contact& entry = contacts_.at(contact);
  const auto unanswered = std::exchange(entry.unanswered, {});
  contacts_.mark_dirty(contact);
  context_.dirty = true;
  if (was_delivered_since(entry, now - unanswered.since) || entry.standing.theirs.empty()) return;
  const base::Time earliest = entry.standing.healed_at == base::Time{}
                                  ? now
                                  : entry.standing.healed_at + kAgainMin;
  due(contact, prekeys_.some_time_after(std::max(now, earliest)));
}

void Healing::on_router_event(const mesh_router::RouterEvent& event) {
  const auto* delivered = std::get_if<mesh_router::DeliveredEvent>(&event);
  if (delivered != nullptr && delivered->local) prekeys_.delivered(delivered->id);
}

std::optional<base::Time> Healing::next_wakeup() const {
  std::optional<base::Time> at = prekeys_.next_wakeup();
  for (const auto& other : {due_.next(), evidence_.next()})
    if (other && (!at || *other < *at)) at = other;
  return at;
}

void Healing::wake(mesh_router::Router& router, base::Time now,
                   std::vector<wire::DeliveryTag>& fresh) {
  while (const auto contact = evidence_.take(now)) look_for_evidence(*contact, now);
  while (const auto contact = due_.take(now)) {
    const auto done = owner_ ? renew(*contact, router, now, fresh)
                             : base::Expected<void, PersonError>{};
    const bool later = !done && done.error() == PersonError::store_full;
    due(*contact, later ? now + kRetry : base::Time{});
  }
  prekeys_.wake(router, now, fresh);
  settle(now);
}

}  // namespace chaski::node
