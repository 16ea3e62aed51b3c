// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "mesh-router/initial_hops.hpp"
#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

namespace {

bool too_old(std::uint64_t age_ms, std::uint32_t lifetime_s) {
  return age_ms >= std::uint64_t{lifetime_s} * 1'000;
}

}  // namespace

base::Expected<wire::EnvelopeId, SubmitError> Router::Impl::submit(base::ByteView envelope,
                                                                   const wire::CarryState& state) {
  if (envelope.size() > wire::kEnvelopeSizeMax) return base::unexpected(SubmitError::too_large);
  const auto fields = wire::decode_envelope(envelope);
  if (!fields || fields->kind != wire::EnvelopeKind::sealed) {
    return base::unexpected(SubmitError::malformed);
  }
  if (state.hops_left > wire::kHopsMax || too_old(state.age_ms, fields->lifetime_s)) {
    return base::unexpected(SubmitError::malformed);
  }
  EnvelopeRecord record;
  record.id = wire::envelope_id(envelope);
  if (holdings.find(record.id) != kNoSlot ||
      holdings.filter.contains(holdings.hasher(record.id))) {
    return base::unexpected(SubmitError::duplicate);
  }
  if (holdings.check_receipts(record.id, fields->commitment)) {
    return base::unexpected(SubmitError::delivered);
  }
  record.kind = fields->kind;
  record.priority = fields->priority;
  record.tag = fields->tag;
  record.commitment = fields->commitment;
  record.lifetime_s = fields->lifetime_s;
  record.size = static_cast<std::uint32_t>(envelope.size());
  record.age_at_arrival_ms = state.age_ms;
  record.arrived = now;
  record.hops_left = state.hops_left;
  record.copies = state.copies;
  record.local = true;
  const auto slot = hold(record, envelope);
  if (!slot) {
    return base::unexpected(slot.error() == HoldError::quota ? SubmitError::quota
                                                             : SubmitError::full);
  }
  return record.id;
}

void Router::Impl::publish_receipt(const wire::ReceiptBody& receipt, std::uint32_t lifetime_s,
                                   std::uint64_t age_ms) {
  const Slot held = holdings.find(receipt.envelope);
  if (held != kNoSlot) deliver(held);
  holdings.put_tombstone(receipt.envelope, now);
  if (lifetime_s == 0 || lifetime_s > wire::kLifetimeMax_s || too_old(age_ms, lifetime_s)) return;
  const std::uint64_t age = age_of_receipt(age_ms, lifetime_s);
  const WaitingReceipt waiting{receipt, lifetime_s, now - std::chrono::milliseconds(age)};
  if (store_receipt(waiting)) return;
  if (waiting_receipts.size() >= kWaitingReceiptsMax) waiting_receipts.pop_front();
  waiting_receipts.push_back(waiting);
}

/// Any up to that of its envelope and half of the lifetime: whoever brought the envelope may have
/// lied, and an age that says when or where it was read is nobody's business.
std::uint64_t Router::Impl::age_of_receipt(std::uint64_t age_ms, std::uint32_t lifetime_s) {
  return random.below(std::min(age_ms, std::uint64_t{lifetime_s} * 500) + 1);
}

/// False when the store has no room: to be tried again.
bool Router::Impl::store_receipt(const WaitingReceipt& receipt) {
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - receipt.born);
  const auto age_ms = static_cast<std::uint64_t>(age.count());
  if (too_old(age_ms, receipt.lifetime_s)) return true;
  // A true one may have come from elsewhere before the envelope did.
  if (holdings.check_receipts(receipt.body.envelope, wire::commit(receipt.body.token))) return true;
  wire::EnvelopeFields fields;
  fields.kind = wire::EnvelopeKind::receipt;
  fields.priority = wire::Priority::normal;
  fields.lifetime_s = receipt.lifetime_s;
  const base::Bytes body = wire::encode_receipt_body(receipt.body);
  fields.body = body;
  const base::Bytes envelope = wire::encode_envelope(fields);
  EnvelopeRecord record;
  record.id = wire::envelope_id(envelope);
  record.kind = fields.kind;
  record.priority = fields.priority;
  record.commitment.bytes = receipt.body.envelope.bytes;
  record.lifetime_s = fields.lifetime_s;
  record.size = static_cast<std::uint32_t>(envelope.size());
  record.age_at_arrival_ms = age_ms;
  record.arrived = now;
  // Random, so that the number of hops does not mark where the message was read.
  record.hops_left = initial_hops(random, kReceiptHopsMin);
  if (holdings.find(record.id) != kNoSlot) return true;
  return hold(record, envelope).has_value();
}

void Router::Impl::offer_stored(std::span<const wire::DeliveryTag> tags) {
  if (recipient == nullptr) return;
  for (const wire::DeliveryTag& tag : tags) {
    for (const Slot slot : holdings.table.with_tag(holdings.hasher(tag))) offer_one(slot, tag);
  }
}

void Router::Impl::offer_one(Slot slot, const wire::DeliveryTag& tag) {
  const HeldEnvelope& held = holdings.table.at(slot);
  if (held.expires() <= now) return;
  const auto fields = wire::decode_envelope(holdings.store.read(held.key()));
  if (!fields || fields->tag != tag) return;
  const wire::CarryState state{held.age_ms(now), held.hops_left, held.copies};
  if (recipient->on_envelope(held.id, *fields, state, now) == Claim::not_ours) return;
  holdings.put_tombstone(held.id, now);
  holdings.release(slot, Remember::nothing);
}

void Router::Impl::person_left() {
  holdings.disown();
  // They say what was read here. Their senders wait in vain, as when such a receipt is lost.
  waiting_receipts = {};
  events.forget();
  while (trace.pop()) {
  }
}

}  // namespace chaski::mesh_router
