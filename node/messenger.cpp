// SPDX-License-Identifier: Apache-2.0
#include "node/messenger.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "node/origin.hpp"

namespace chaski::node {

bool Messenger::has_ample_room() const {
  constexpr std::uint64_t kAmple = 1u << 20;
  const mesh_router::EnvelopeStore& store = context_.store.envelopes();
  const mesh_router::StoreUsage usage = store.usage();
  return store.accepts() && usage.bytes + kAmple <= usage.bytes_max;
}

base::Expected<wire::EnvelopeId, PersonError> Messenger::seal_and_submit(
    std::uint32_t contact, const e2ee::Content& content, std::uint32_t lifetime_s,
    wire::Priority priority, mesh_router::Router& router, base::Time now) {
  if (const auto why = contacts_.refuses_writing(contact)) return base::unexpected(*why);
  const auto lifetime = lifetime_class(lifetime_s);
  if (!lifetime) return base::unexpected(PersonError::bad_lifetime);
  if (!context_.store.envelopes().accepts()) return base::unexpected(PersonError::store_full);

  // Sealing moves the session on. Where the store may refuse, the step is taken back, or a row of
  // refused messages would push the contact's tags out of the window that they listen for.
  e2ee::Session* const session = contacts_.writing_session(contact);
  std::optional<e2ee::Session> before;
  if (!has_ample_room()) before = *session;
  const e2ee::SealedEnvelope sealed =
      session->seal(content, *lifetime, priority, context_.random);
  const auto id = router.submit(sealed.envelope, initial_carry_state(context_.random), now);
  if (!id && before) *session = std::move(*before);
  contacts_.mark_dirty(contact);
  context_.dirty = true;
  if (!id) return base::unexpected(PersonError::store_full);
  return *id;
}

void Messenger::follow(MessageId message, const wire::EnvelopeId& envelope, base::Time now) {
  life(message, "accepted", {}, now);
  remember(envelope, Outgoing{.id = message});
}

void Messenger::closed(const wire::EnvelopeId& envelope, MessageState state) {
  const auto known = outgoing_.find(envelope);
  if (known != outgoing_.end()) known->second.state = state;
}

base::Expected<OpenedMessage, e2ee::OpenFailed> Messenger::open(
    const TagOwner& owner, const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
    const wire::CarryState& state, base::Time now, base::Duration patience,
    std::vector<wire::DeliveryTag>& fresh) {
  Contact& entry = contacts_.at(owner.contact);
  e2ee::TagChanges changes;
  auto content = entry.sessions[owner.session].session.open(envelope, now, changes, patience);
  if (!content) return base::unexpected(content.error());
  contacts_.apply(owner.contact, owner.session, changes);
  contacts_.mark_dirty(owner.contact);
  context_.dirty = true;
  fresh.insert(fresh.end(), changes.added.begin(), changes.added.end());
  const wire::ReceiptToken token = content->token;
  return OpenedMessage{.content = std::move(*content),
                       .receipt = {.receipt = {.envelope = id, .token = token},
                                   .lifetime_s = envelope.lifetime_s,
                                   .age_ms = state.age_ms}};
}

Messenger::Outgoing& Messenger::remember(const wire::EnvelopeId& envelope,
                                         const Outgoing& outgoing) {
  const auto [found, added] = outgoing_.insert_or_assign(envelope, outgoing);
  if (added) outgoing_order_.push_back(envelope);
  if (outgoing_order_.size() > kOutgoingCacheMax) {
    outgoing_.erase(outgoing_order_.front());
    outgoing_order_.pop_front();
  }
  return found->second;
}

Messenger::Outgoing* Messenger::find_outgoing(const wire::EnvelopeId& envelope) {
  if (const auto found = outgoing_.find(envelope); found != outgoing_.end()) return &found->second;
  const auto message = context_.people().find_outgoing(envelope);
  if (!message) return nullptr;
  return &remember(envelope, Outgoing{.id = message->id, .state = message->state});
}

void Messenger::life(MessageId id, const char* what, std::string neighbour, base::Time now) {
  context_.people().add_life_event(id, LifeEvent{.unix_s = context_.wall.unix_s,
                                                 .time = now,
                                                 .what = what,
                                                 .neighbour = std::move(neighbour)});
}

void Messenger::set_state(Outgoing& outgoing, MessageState state, base::Time now) {
  if (outgoing.state == state || outgoing.state == MessageState::delivered ||
      outgoing.state == MessageState::read || outgoing.state == MessageState::deleted) {
    return;
  }
  if (state == MessageState::custody && outgoing.state != MessageState::accepted) return;
  outgoing.state = state;
  const bool delivered = state == MessageState::delivered;
  context_.people().set_message_state(outgoing.id, state, delivered ? context_.wall.unix_s : 0);
  if (state != MessageState::custody) life(outgoing.id, to_string(state), {}, now);
  context_.events.message_changed(outgoing.id);
  context_.dirty = true;
}

void Messenger::hop_event(Outgoing& outgoing, const char* what,
                          const mesh_router::NeighbourId& neighbour, base::Time now) {
  if (outgoing.hop_events >= kHopEventsMax) return;
  ++outgoing.hop_events;
  life(outgoing.id, what, base::short_hex(neighbour.view()), now);
  context_.dirty = true;
}

/// A neighbour that is met again acknowledges again what it took before: no news.
bool Messenger::took_custody_before(const Outgoing& outgoing,
                                    const mesh_router::NeighbourId& neighbour) const {
  if (outgoing.state == MessageState::accepted) return false;  // the first: nothing to read
  const std::string name = base::short_hex(neighbour.view());
  const auto life = context_.people().life_events(outgoing.id);
  return std::any_of(life.begin(), life.end(), [&name](const LifeEvent& event) {
    return event.what == "custody" && event.neighbour == name;
  });
}

std::vector<wire::EnvelopeId> Messenger::undelivered() {
  std::vector<wire::EnvelopeId> ids;
  context_.people().for_each_undelivered(
      [&ids](const wire::EnvelopeId& id, MessageId) { ids.push_back(id); });
  return ids;
}

void Messenger::take_ends(const EndedUnseen& ended, const mesh_router::Router& router,
                          base::Time now) {
  for (const wire::EnvelopeId& id : undelivered()) {
    if (router.holds(id)) continue;
    std::optional<MessageState> end = ended.find(id);
    if (!end) {
      const auto message = context_.people().find_outgoing(id);
      const std::int64_t ends_unix_s =
          message ? message->sent_unix_s + std::int64_t{message->lifetime_s} : 0;
      if (message && context_.wall.unix_s > ends_unix_s) end = MessageState::expired;
    }
    Outgoing* const outgoing = end ? find_outgoing(id) : nullptr;
    if (outgoing != nullptr) set_state(*outgoing, *end, now);
  }
}

void Messenger::on_router_event(const mesh_router::RouterEvent& event, base::Time now) {
  if (const auto* custody = std::get_if<mesh_router::CustodyEvent>(&event)) {
    Outgoing* outgoing = custody->local ? find_outgoing(custody->id) : nullptr;
    if (outgoing == nullptr || took_custody_before(*outgoing, custody->neighbour)) return;
    hop_event(*outgoing, "custody", custody->neighbour, now);
    set_state(*outgoing, MessageState::custody, now);
  } else if (const auto* refused = std::get_if<mesh_router::RefusedEvent>(&event)) {
    Outgoing* outgoing = refused->local ? find_outgoing(refused->id) : nullptr;
    if (outgoing != nullptr) hop_event(*outgoing, "refused", refused->neighbour, now);
  } else if (const auto* delivered = std::get_if<mesh_router::DeliveredEvent>(&event)) {
    Outgoing* outgoing = delivered->local ? find_outgoing(delivered->id) : nullptr;
    if (outgoing != nullptr) set_state(*outgoing, MessageState::delivered, now);
  } else if (const auto* expired = std::get_if<mesh_router::ExpiredEvent>(&event)) {
    Outgoing* outgoing = expired->local ? find_outgoing(expired->id) : nullptr;
    if (outgoing != nullptr) set_state(*outgoing, MessageState::expired, now);
  }
}

}  // namespace chaski::node
