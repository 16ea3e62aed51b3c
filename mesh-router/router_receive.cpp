// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <utility>

#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

bool Router::Impl::receive(base::LinkId link, base::ByteView records) {
  NeighbourSession* session = find(link);
  if (session == nullptr) return false;
  counters.bytes_received += records.size();
  wire::RecordReader reader(records);
  bool link_ok = true;
  while (link_ok) {
    const auto record = reader.next();
    if (!record) {
      drop(DropReason::malformed_frame);
      link_ok = false;
    } else if (!*record) {
      break;
    } else {
      link_ok = dispatch(*session, **record);
    }
  }
  // With nothing uncommitted anywhere, what came was known already: answered at once.
  if (!holdings.changed()) session->received.settle();
  if (session->received.wants_to_send() || session->offers.wants_to_send()) mark_ready(*session);
  return link_ok;
}

bool Router::Impl::dispatch(NeighbourSession& session, const wire::Record& record) {
  switch (record.type) {
    case wire::RecordType::padding:
    case wire::RecordType::ping:
    case wire::RecordType::pong:
    case wire::RecordType::close:
    case wire::RecordType::pairing: return true;  // for the two ends of the link alone
    case wire::RecordType::envelope: return take_envelope(session, record.payload, now);
    case wire::RecordType::fragment: return take_fragment(session, record.payload);
    case wire::RecordType::reconcile:
      if (!session.reconciler.receive(record.payload, now)) drop(DropReason::malformed_record);
      mark_ready(session);
      return true;
    case wire::RecordType::ack: return take_ack(session, record.payload);
    case wire::RecordType::refuse: return take_refuse(session, record.payload);
    case wire::RecordType::ready: take_ready(session); return true;
    case wire::RecordType::offer: return take_offer(session, record.payload);
    case wire::RecordType::resume: return take_resume(session, record.payload);
    case wire::RecordType::rest: break;  // in fragments only
    case wire::RecordType::announce: return take_announce(session, record.payload);
    case wire::RecordType::want: return take_want(session, record.payload);
  }
  drop(DropReason::unknown_record);
  return true;
}

bool Router::Impl::take_fragment(NeighbourSession& session, base::ByteView payload) {
  const auto fragment = wire::decode_fragment(payload);
  if (!fragment) {
    drop(DropReason::reassembly);
    return false;
  }
  if (fragment->type == wire::RecordType::rest && !is_expected(session, *fragment)) {
    drop(DropReason::reassembly);
    return false;
  }
  const base::Time begun =
      session.transfer_times.piece_came(fragment->transfer, session.reassembler, now);
  const auto whole = session.reassembler.add(*fragment);
  if (!whole) {
    drop(DropReason::reassembly);
    return false;
  }
  if (!*whole) return true;
  const bool link_ok = take_whole(session, fragment->transfer, **whole, begun);
  session.reassembler.release();
  return link_ok;
}

bool Router::Impl::take_whole(NeighbourSession& session, std::uint32_t transfer,
                              const wire::Record& whole, base::Time begun) {
  if (const auto size = session.reassembler.left_out()) {
    session.offers.take(transfer);
    return take_left_out(session, *size);
  }
  if (whole.type == wire::RecordType::rest) return take_rest(session, transfer, whole.payload);
  if (whole.type == wire::RecordType::envelope) {
    return take_envelope(session, whole.payload, begun);
  }
  return whole.type == wire::RecordType::fragment || dispatch(session, whole);
}

/// An envelope for which there was no memory came to its end: one that never fits, or one beside
/// others, which may come again.
bool Router::Impl::take_left_out(NeighbourSession& session, std::uint32_t size) {
  ++counters.envelopes_received;
  const std::uint64_t sequence = session.received.count_one();
  if (size > limits.reassembly.envelope_max) {
    drop(DropReason::too_large);
    return session.received.refuse(sequence, wire::RefuseReason::too_large);
  }
  drop(DropReason::storage_full);
  session.owes_ready = true;
  session.refused_size = size;
  return session.received.refuse(sequence, wire::RefuseReason::storage_full);
}

/// What came in pieces grew older since the first of them, when its age was written.
bool Router::Impl::take_envelope(NeighbourSession& session, base::ByteView payload,
                                 base::Time begun) {
  ++counters.envelopes_received;
  const std::uint64_t sequence = session.received.count_one();
  auto carried = wire::decode_carried(payload);
  if (!carried) {
    drop(DropReason::malformed_envelope);
    return session.received.refuse(sequence, wire::RefuseReason::invalid);
  }
  grow_older(carried->state, begun);
  return take_carried(session, sequence, wire::envelope_id(carried->envelope), *carried);
}

void Router::Impl::grow_older(wire::CarryState& state, base::Time since) const {
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(now - since);
  const auto time_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  state.age_ms += std::min(time_ms, ~state.age_ms);
}

bool Router::Impl::take_carried(NeighbourSession& session, std::uint64_t sequence,
                                const wire::EnvelopeId& id, const wire::CarriedEnvelope& carried) {
  const std::uint64_t hash = holdings.hasher(id);
  const Slot slot = holdings.table.find(hash, id);
  // A duplicate is no custody: its bearer must not rely on us for what we may have from elsewhere.
  const bool was_here = slot == kNoSlot && holdings.filter.contains(hash);
  const auto came_first = was_here ? may_come_back(hash) : std::nullopt;
  if (slot != kNoSlot || (was_here && !came_first)) {
    if (slot != kNoSlot) take_duplicate(session, slot, carried.state);
    drop(DropReason::duplicate, id);
    return session.received.refuse(sequence, wire::RefuseReason::known);
  }
  const auto fields = wire::decode_envelope(carried.envelope);
  if (!fields) {
    drop(DropReason::malformed_envelope);
    return session.received.refuse(sequence, wire::RefuseReason::invalid);
  }
  const std::uint64_t announcers = pulls.came(hash);
  Arrival arrival{session, announcers, sequence, id, carried.state, carried.envelope, *fields,
                  came_first.value_or(now)};
  if (came_first && !comes_back(arrival)) {
    drop(DropReason::duplicate, id);
    return session.received.refuse(sequence, wire::RefuseReason::known);
  }
  return take_new(arrival);
}

std::optional<base::Time> Router::Impl::may_come_back(std::uint64_t hash) const {
  const auto came_first = holdings.filter.came_first(hash, now);
  const base::Duration longest =
      std::min<base::Duration>(limits.residence_max, std::chrono::seconds(wire::kLifetimeMax_s));
  if (!came_first || now - *came_first + kWorthComingBack > longest) return std::nullopt;
  return came_first;
}

/// Whether enough of its life is left. It is as old as its bearer says, and no younger than the
/// time since it first came here: so the lie that made it expire costs it nothing, and another one
/// lets it end when it would have ended had it come new that first time.
bool Router::Impl::comes_back(Arrival& arrival) {
  constexpr auto kLeft = std::chrono::duration_cast<std::chrono::milliseconds>(kWorthComingBack);
  const auto here =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - arrival.came_first);
  arrival.state.age_ms =
      std::max(arrival.state.age_ms, static_cast<std::uint64_t>(here.count()));
  const std::uint64_t lifetime_ms = std::uint64_t{arrival.fields.lifetime_s} * 1'000;
  return arrival.state.age_ms < lifetime_ms &&
         lifetime_ms - arrival.state.age_ms >= static_cast<std::uint64_t>(kLeft.count());
}

/// A copy that may travel farther than ours lends us its hops, and one that is younger its age.
void Router::Impl::take_duplicate(NeighbourSession& session, Slot slot,
                                  const wire::CarryState& state) {
  HeldEnvelope& held = holdings.table.at(slot);
  holdings.neighbours.mark(slot, session.bit);
  holdings.policy->heard(holdings.table.ref(slot), session.bit);
  if (!held.local) take_younger_age(session, slot, state.age_ms);
  if (state.hops_left > held.hops_left) {
    held.hops_left = state.hops_left;
    if (holdings.let_travel(slot)) mark_all_ready();
  }
}

/// Others may have got it from here as nearly over, and lost it or not taken it.
void Router::Impl::take_younger_age(const NeighbourSession& from, Slot slot, std::uint64_t age_ms) {
  const HeldEnvelope& held = holdings.table.at(slot);
  const bool was_nearly_over = held.expires() - now < kWorthComingBack;
  holdings.table.make_younger(slot, age_ms, limits.residence_max, now);
  if (!was_nearly_over || held.expires() - now < kWorthComingBack || !held.in_lane) return;
  for (const auto& session : sessions) {
    if (session->bit == from.bit || !holdings.neighbours.knows(slot, session->bit)) continue;
    holdings.neighbours.unmark(slot, session->bit);
    offer_again(*session, holdings.table.ref(slot));
  }
}

bool Router::Impl::refuse(Arrival& arrival, wire::RefuseReason reason, DropReason why) {
  drop(why, arrival.id);
  if (reason == wire::RefuseReason::storage_full || reason == wire::RefuseReason::quota) {
    arrival.session.owes_ready = true;
    arrival.session.refused_size = static_cast<std::uint32_t>(arrival.bytes.size());
  }
  return arrival.session.received.refuse(arrival.sequence, reason);
}

bool Router::Impl::take_new(Arrival& arrival) {
  const std::uint64_t lifetime_ms = std::uint64_t{arrival.fields.lifetime_s} * 1'000;
  if (arrival.state.age_ms > std::uint64_t{wire::kLifetimeMax_s} * 1'000) {
    return refuse(arrival, wire::RefuseReason::invalid, DropReason::age_implausible);
  }
  if (arrival.state.age_ms >= lifetime_ms) {
    return refuse(arrival, wire::RefuseReason::invalid, DropReason::expired);
  }
  return arrival.fields.kind == wire::EnvelopeKind::receipt ? take_receipt(arrival)
                                                            : take_sealed(arrival);
}

bool Router::Impl::take_sealed(Arrival& arrival) {
  const std::size_t held_before = holdings.table.size();
  if (holdings.check_receipts(arrival.id, arrival.fields.commitment)) {
    drop(DropReason::already_delivered, arrival.id);
    return true;
  }
  // Nor could what is read, its tombstone and its receipt be kept: the neighbour keeps the message.
  if (!holdings.store.accepts()) {
    return refuse(arrival, wire::RefuseReason::storage_full, DropReason::storage_full);
  }
  if (recipient != nullptr && recipient->on_envelope(arrival.id, arrival.fields, arrival.state,
                                                     now) == Claim::consumed) {
    holdings.put_tombstone(arrival.id, now);
    ++counters.envelopes_accepted;
    events.push(AcceptedEvent{arrival.id, arrival.session.id}, /*local=*/false);
    return true;
  }
  // Shown to us, not given: whoever brought it keeps it.
  if (arrival.state.hops_left == 0) {
    drop(DropReason::no_hops_left, arrival.id);
    return true;
  }
  bool link_ok = true;
  const bool forged_gone = holdings.table.size() < held_before;
  const auto slot = store_arrival(arrival, arrival.fields.commitment, link_ok);
  // Forged receipts for it are gone and it is known which are true: who was turned away tries
  // again.
  if (slot && forged_gone) take_receipts_again();
  return link_ok;
}

bool Router::Impl::take_receipt(Arrival& arrival) {
  const auto body = wire::decode_receipt_body(arrival.fields.body);
  if (!body) return refuse(arrival, wire::RefuseReason::invalid, DropReason::malformed_envelope);
  const std::uint64_t target_hash = holdings.hasher(body->envelope);
  const Slot target = holdings.table.find(target_hash, body->envelope);
  const bool is_true = target != kNoSlot;
  if (is_true) {
    if (!holdings.is_token_of(target, body->token)) {
      return refuse(arrival, wire::RefuseReason::invalid, DropReason::forged_receipt);
    }
    deliver(target);
  } else if (holdings.receipts.knows_true_one(target_hash, body->envelope)) {
    drop(DropReason::already_delivered, arrival.id);
    return true;
  } else if (!holdings.receipts.allows_unverified(
                 target_hash, body->envelope,
                 holdings.quotas.account_of(arrival.session.depositor))) {
    drop(DropReason::quota_exceeded, arrival.id);
    arrival.session.receipts_turned_away = true;
    return arrival.session.received.refuse(arrival.sequence, wire::RefuseReason::quota);
  }
  bool link_ok = true;
  wire::ReceiptCommitment target_id;
  target_id.bytes = body->envelope.bytes;
  const auto slot = store_arrival(arrival, target_id, link_ok);
  if (slot && !is_true) holdings.receipts.set_trust(*slot, ReceiptTrust::unverified);
  return link_ok;
}

void Router::Impl::take_receipts_again() {
  for (const auto& session : sessions) {
    if (!session->receipts_turned_away) continue;
    session->receipts_turned_away = false;
    session->says_ready = true;
    mark_ready(*session);
  }
}

/// Nothing when it was refused.
std::optional<Slot> Router::Impl::store_arrival(Arrival& arrival,
                                                const wire::ReceiptCommitment& commitment,
                                                bool& link_ok) {
  EnvelopeRecord record;
  record.id = arrival.id;
  record.kind = arrival.fields.kind;
  record.priority = arrival.fields.priority;
  record.tag = arrival.fields.tag;
  record.commitment = commitment;
  record.lifetime_s = arrival.fields.lifetime_s;
  record.size = static_cast<std::uint32_t>(arrival.bytes.size());
  // What comes back is held as if it had been here all the time.
  const auto here =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - arrival.came_first);
  record.age_at_arrival_ms = arrival.state.age_ms - static_cast<std::uint64_t>(here.count());
  record.arrived = arrival.came_first;
  record.hops_left = arrival.state.hops_left;
  record.copies = arrival.state.copies;
  record.depositor = arrival.session.depositor;
  const auto slot = hold(record, arrival.bytes);
  if (!slot) {
    const bool quota = slot.error() == HoldError::quota;
    link_ok = refuse(arrival,
                     quota ? wire::RefuseReason::quota : wire::RefuseReason::storage_full,
                     quota ? DropReason::quota_exceeded : DropReason::storage_full);
    return std::nullopt;
  }
  if (arrival.came_first != now) holdings.filter.forget_seen(holdings.hasher(arrival.id));
  holdings.neighbours.mark(*slot, arrival.session.bit);
  for (std::uint64_t bits = arrival.announcers; bits != 0; bits &= bits - 1) {
    holdings.neighbours.mark(*slot, static_cast<unsigned>(std::countr_zero(bits)));
  }
  ++counters.envelopes_accepted;
  events.push(AcceptedEvent{arrival.id, arrival.session.id}, /*local=*/false);
  return *slot;
}

bool Router::Impl::take_ack(NeighbourSession& session, base::ByteView payload) {
  const auto ack = wire::decode_ack(payload);
  if (!ack) {
    drop(DropReason::malformed_record);
    return true;
  }
  if (ack->upto != 0 && !session.sent.was_sent(ack->upto)) {
    drop(DropReason::unexpected_ack);
    return false;
  }
  while (const auto entry = session.sent.acknowledge_next(ack->upto)) {
    if (entry->refused) continue;
    if (session.custody == Custody::probing && !entry->is_receipt) session.custody = Custody::open;
    if (entry->shown || !holdings.table.alive(entry->envelope)) continue;
    HeldEnvelope& held = holdings.table.at(entry->envelope.slot);
    held.add_keeper(session.depositor);
    events.push(CustodyEvent{held.id, session.id, held.local}, held.local);
  }
  mark_ready(session);
  return true;
}

bool Router::Impl::take_refuse(NeighbourSession& session, base::ByteView payload) {
  const auto refusal = wire::decode_refuse(payload);
  if (!refusal) {
    drop(DropReason::malformed_record);
    return true;
  }
  if (!session.sent.was_sent(refusal->sequence)) {
    drop(DropReason::unexpected_ack);
    return false;
  }
  const SentLedger::Entry* entry = session.sent.refuse(refusal->sequence);
  if (entry == nullptr) return true;
  const bool alive = holdings.table.alive(entry->envelope);
  if (alive && refusal->reason == wire::RefuseReason::known) {
    const HeldEnvelope& held = holdings.table.at(entry->envelope.slot);
    if (!entry->shown) events.push(CustodyEvent{held.id, session.id, held.local}, held.local);
  } else if (alive) {
    const HeldEnvelope& held = holdings.table.at(entry->envelope.slot);
    events.push(RefusedEvent{held.id, session.id, static_cast<std::uint8_t>(refusal->reason),
                             held.local},
                held.local);
    take_back(*entry);
  }
  if (refusal->reason == wire::RefuseReason::known ||
      refusal->reason == wire::RefuseReason::too_large ||
      refusal->reason == wire::RefuseReason::invalid) {
    return true;  // never to this neighbour; what we do not understand counts as full
  }
  if (refusal->reason == wire::RefuseReason::spoiled && entry->resumed) {
    if (!alive) return true;
    holdings.neighbours.unmark(entry->envelope.slot, session.bit);
    offer_again(session, entry->envelope);
    return true;
  }
  const bool own_bound = entry->is_receipt && refusal->reason == wire::RefuseReason::quota;
  if (alive) {
    holdings.neighbours.unmark(entry->envelope.slot, session.bit);
    if (!own_bound) {
      offer_again(session, entry->envelope);
    } else if (session.turned_away.size() < kTurnedAwayMax) {
      session.turned_away.push_back(entry->envelope);
    }
  }
  if (own_bound) return true;  // others still go
  if (entry->is_receipt) session.receipts_refused = true;
  session.custody = Custody::refusing;
  session.retry_at = now + limits.refused_retry;
  return true;
}

void Router::Impl::take_ready(NeighbourSession& session) {
  if (session.custody == Custody::open && session.turned_away.empty()) return;
  session.custody = Custody::open;
  session.receipts_refused = false;
  for (const SlotRef ref : std::exchange(session.turned_away, {})) {
    if (holdings.table.alive(ref)) offer_again(session, ref);
  }
  mark_ready(session);
}

}  // namespace chaski::mesh_router
