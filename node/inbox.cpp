// SPDX-License-Identifier: Apache-2.0
#include "node/inbox.hpp"

#include <algorithm>

namespace chaski::node {

using mesh_router::Claim;

Claim Inbox::on_envelope(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                         const wire::CarryState& state, base::Time now) {
  if (envelope.kind != wire::EnvelopeKind::sealed) return Claim::not_ours;
  const auto owner = contacts_.tags().find(envelope.tag);
  if (!owner || !context_.store.envelopes().accepts()) return Claim::not_ours;
  if (owner->kind == TagOwner::Kind::invite) return on_answer(id, envelope, now);
  if (owner->kind == TagOwner::Kind::standing) return on_standing(*owner, id, envelope, now);
  if (owner->kind == TagOwner::Kind::card) return on_card_answer(id, envelope, now);
  if (owner->kind == TagOwner::Kind::published_card) {
    // For whoever listens: it goes on, whatever we make of it.
    const auto later = meeting_.heard_cards().hear(id, envelope.body, now);
    if (later) defer(envelope.tag, *later);
    return Claim::not_ours;
  }
  if (owner->kind == TagOwner::Kind::chunk) return on_chunk(*owner, id, envelope, state, now);
  if (owner->kind == TagOwner::Kind::introduction)
    return on_introduction(*owner, id, envelope, now);
  return on_message(*owner, id, envelope, state, now);
}

Claim Inbox::on_chunk(const TagOwner& owner, const wire::EnvelopeId& id,
                      const wire::EnvelopeFields& envelope, const wire::CarryState& state,
                      base::Time now) {
  const auto index = files_.contact_of(owner);
  if (!index || !contacts_.hears(*index)) return Claim::not_ours;
  Contact& contact = contacts_.at(*index);
  if (contact.failed.contains(id)) return Claim::not_ours;
  if (!contact.failed_opens.has(now)) {
    defer(envelope.tag, contact.failed_opens.next_at());
    return Claim::not_ours;
  }
  PendingReceipt receipt;
  const auto taken = files_.take(owner, id, envelope, state, receipt);
  if (taken == FileReceiver::Taken::yes) {
    receipts_.push_back(receipt);
    return Claim::consumed;
  }
  if (taken == FileReceiver::Taken::no_room) return Claim::not_ours;
  contact.failed_opens.take(now);
  contact.failed.add(id);
  return Claim::not_ours;
}

Claim Inbox::on_answer(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                       base::Time now) {
  WaitingInvite* waiting = meeting_.invites().find(envelope.tag);
  if (waiting == nullptr) return Claim::not_ours;
  // Before everything that costs: who has not paid, or does not know the invitation, gets no
  // further. Neither shows.
  if (!e2ee::is_paid(waiting->invite.invite, envelope.body)) return Claim::not_ours;
  if (waiting->failed.contains(id)) return Claim::not_ours;
  if (!waiting->failed_opens.has(now)) {
    defer(envelope.tag, waiting->failed_opens.next_at());
    return Claim::not_ours;
  }
  const auto result = meeting_.open_answer(envelope.tag, envelope.body, now, fresh_);
  if (result == Meeting::AnswerResult::opened) return Claim::consumed;
  waiting->failed_opens.take(now);
  waiting->failed.add(id);
  return Claim::not_ours;
}

Claim Inbox::on_card_answer(const wire::EnvelopeId& id, const wire::EnvelopeFields& envelope,
                            base::Time now) {
  const auto taken = meeting_.cards().take(envelope.tag, id, envelope.body, now, fresh_);
  if (taken.later) defer(envelope.tag, *taken.later);
  return taken.opened ? Claim::consumed : Claim::not_ours;
}

/// The answer to one that a contact was given: what fails costs a token of theirs.
Claim Inbox::on_standing(const TagOwner& owner, const wire::EnvelopeId& id,
                         const wire::EnvelopeFields& envelope, base::Time now) {
  if (!contacts_.hears(owner.contact)) return Claim::not_ours;
  Contact& contact = contacts_.at(owner.contact);
  if (contact.failed.contains(id)) return Claim::not_ours;
  if (!contact.failed_opens.has(now)) {
    defer(envelope.tag, contact.failed_opens.next_at());
    return Claim::not_ours;
  }
  if (meeting_.healing().open_answer(owner.contact, envelope.tag, envelope.body, now, fresh_))
    return Claim::consumed;
  contact.failed_opens.take(now);
  contact.failed.add(id);
  return Claim::not_ours;
}

/// The answer to what was made for an introduction.
Claim Inbox::on_introduction(const TagOwner& owner, const wire::EnvelopeId& id,
                             const wire::EnvelopeFields& envelope, base::Time now) {
  Introducee& introducee = introductions_.introducee();
  TheirIntroduction* const waiting = introducee.waiting(owner.contact);
  if (waiting == nullptr || waiting->failed.contains(id)) return Claim::not_ours;
  if (!waiting->failed_opens.has(now)) {
    defer(envelope.tag, waiting->failed_opens.next_at());
    return Claim::not_ours;
  }
  if (introducee.open_answer(*waiting, envelope.body, now, fresh_)) return Claim::consumed;
  waiting->failed_opens.take(now);
  waiting->failed.add(id);
  return Claim::not_ours;
}

Claim Inbox::on_message(const TagOwner& owner, const wire::EnvelopeId& id,
                        const wire::EnvelopeFields& envelope, const wire::CarryState& state,
                        base::Time now) {
  if (!contacts_.hears(owner.contact)) return Claim::not_ours;
  Contact& contact = contacts_.at(owner.contact);
  if (contact.failed.contains(id)) return Claim::not_ours;
  if (!contact.failed_opens.has(now)) {
    defer(envelope.tag, contact.failed_opens.next_at());
    return Claim::not_ours;
  }
  const base::Duration patience = held_back_.patience(owner, id, envelope, state, now);
  const auto opened = messenger_.open(owner, id, envelope, state, now, patience, fresh_);
  if (opened) {
    contacts_.heard(owner.contact, owner.session, now);
    if (opened->content.kind == e2ee::ContentKind::prekeys) {
      meeting_.healing().prekeys().take(owner.contact, contact.sessions[owner.session].generation,
                                        opened->content.payload);
    }
    if (opened->content.kind == e2ee::ContentKind::introduction)
      introductions_.take(owner.contact, opened->content.payload, now, fresh_);
    conversation_.take(owner.contact, id, envelope, state, opened->content, now);
    receipts_.push_back(opened->receipt);
    held_back_.opened(owner, id, fresh_);
    meeting_.stamps().cancel(contact.record.id);  // who writes to us has our answer
    return Claim::consumed;
  }
  if (const std::uint32_t opens = opened.error().opens_first; opens != 0) {
    held_back_.add(owner, id, envelope.tag, opens, now + patience);
    return Claim::not_ours;
  }
  contact.failed_opens.take(now);
  contact.failed.add(id);
  return Claim::not_ours;
}

void Inbox::defer(const wire::DeliveryTag& tag, base::Time until) {
  if (deferred_.size() >= kDeferredTagsMax) return;
  if (std::find(deferred_.begin(), deferred_.end(), tag) == deferred_.end())
    deferred_.push_back(tag);
  if (!retry_at_ || until < *retry_at_) retry_at_ = until;
}

void Inbox::learn(const std::vector<wire::DeliveryTag>& tags) {
  fresh_.insert(fresh_.end(), tags.begin(), tags.end());
}

void Inbox::settle(mesh_router::Router& router, base::Time now) {
  for (std::size_t round = 0; round < kSettleRoundsMax; ++round) {
    if (receipts_.empty() && fresh_.empty()) return;
    const std::vector<PendingReceipt> receipts = std::exchange(receipts_, {});
    const std::vector<wire::DeliveryTag> fresh = std::exchange(fresh_, {});
    for (const PendingReceipt& r : receipts)
      router.publish_receipt(r.receipt, r.lifetime_s, r.age_ms, now);
    if (!fresh.empty()) router.offer_stored(fresh, now);
  }
  retry_at_ = now;  // more than a call should do: the next goes on
}

std::optional<base::Time> Inbox::next_wakeup() const {
  const auto held = held_back_.next_end();
  if (!held || !retry_at_) return held ? held : retry_at_;
  return std::min(*held, *retry_at_);
}

void Inbox::retry(mesh_router::Router& router, base::Time now) {
  if (!retry_at_ || *retry_at_ > now) return;
  retry_at_.reset();
  const std::vector<wire::DeliveryTag> tags = std::exchange(deferred_, {});
  router.offer_stored(tags, now);
  settle(router, now);
}

void Inbox::wake(mesh_router::Router& router, base::Time now) {
  retry(router, now);
  if (!held_back_.next_end() || *held_back_.next_end() > now) return;
  while (const auto ended = held_back_.first_ended(now)) {
    learn({ended->tag});
    settle(router, now);
    held_back_.forget(*ended);
  }
}

}  // namespace chaski::node
