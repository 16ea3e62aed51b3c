// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/holdings.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {

/// Of a receipt's record: the envelope that it speaks of.
wire::EnvelopeId target_of(const EnvelopeRecord& receipt) {
  wire::EnvelopeId id;
  id.bytes = receipt.commitment.bytes;
  return id;
}

}  // namespace

Holdings::Holdings(const RouterLimits& limits, EnvelopeStore& store_in, base::Random& random)
    : store(store_in),
      hasher(random),
      filter(limits.seen_ids_max, kTombstonesMax),
      receipts(table, limits.unverified_receipts_max),
      policy(limits.make_policy(random, limits.policy_user)),
      limits_(limits) {
  refresh_quota();
}

void Holdings::load() {
  store.for_each([this](StoreKey key, const EnvelopeRecord& record) { load_one(key, record); });
  store.for_each_tombstone([this](const wire::EnvelopeId& id, base::Time until) {
    filter.add_tombstone(hasher(id), until);
  });
}

void Holdings::load_one(StoreKey key, const EnvelopeRecord& record) {
  // A store that has it twice, or that is broken.
  if (find(record.id) != kNoSlot || key >= kStoreKeyEnd) return;
  const Slot slot = insert(record, key);
  HeldEnvelope& held = table.at(slot);
  held.committed = true;
  if (held.is_receipt && record.depositor != 0) receipts.set_trust(slot, ReceiptTrust::loaded);
  let_travel(slot);
}

base::Time Holdings::expiry_of(const EnvelopeRecord& record) const {
  return std::min(expires_at(record), record.arrived + limits_.residence_max);
}

Slot Holdings::insert(const EnvelopeRecord& record, StoreKey key) {
  const bool is_receipt = record.kind == wire::EnvelopeKind::receipt;
  const std::uint64_t mark = is_receipt ? hasher(target_of(record)) : hasher(record.tag);
  const Slot slot = table.insert(record, key, expiry_of(record), hasher(record.id), mark);
  HeldEnvelope& held = table.at(slot);
  if (!is_receipt) held.check = check_of(record.commitment);
  held.account = quotas.charge(record.depositor, record.size);
  bytes_ += record.size;
  policy->adopt(held);
  return slot;
}

base::Expected<Slot, HoldError> Holdings::hold(const EnvelopeRecord& record,
                                               base::ByteView envelope) {
  displaced.clear();
  auto slot = place(record, envelope);
  if (!slot && make_room(record)) slot = place(record, envelope);
  return slot;
}

/// Drops what may go until the record would fit; whether that came about.
bool Holdings::make_room(const EnvelopeRecord& record) {
  if (!store.accepts()) return false;
  DropScope scope;
  scope.fair_bytes = others_bytes_max_ / std::max<std::size_t>(quotas.accounts(), 1);
  // Who has more than its share, or its whole quota, makes room from its own.
  const bool too_much = !quotas.allows(record.depositor, record.size, depositor_bytes_max_) ||
                        quotas.bytes(record.depositor) > scope.fair_bytes;
  if (record.depositor != 0 && too_much) scope.only = quotas.account_of(record.depositor);
  std::uint64_t freed = 0;
  for (std::size_t i = 0; i < kDropChoicesMax; ++i) {
    const Slot slot = drops.choose(scope, record.arrived);
    if (slot == kNoSlot) continue;
    const HeldEnvelope& held = table.at(slot);
    freed += held.size;
    displaced.push_back(held.id);
    release(slot, Remember::for_good);
    if (freed >= record.size && would_fit(record.depositor, record.size)) return true;
  }
  return false;
}

bool Holdings::would_fit(std::uint64_t depositor, std::uint32_t size) const {
  return table.size() < limits_.envelopes_max && (depositor == 0 || has_room_for_others(size)) &&
         quotas.allows(depositor, size, depositor_bytes_max_);
}

base::Expected<Slot, HoldError> Holdings::place(const EnvelopeRecord& record,
                                                base::ByteView envelope) {
  if (table.size() >= limits_.envelopes_max ||
      (record.depositor != 0 && !has_room_for_others(record.size))) {
    return base::unexpected(HoldError::full);
  }
  if (!quotas.allows(record.depositor, record.size, depositor_bytes_max_)) {
    return base::unexpected(HoldError::quota);
  }
  const auto key = store.put(record, envelope);
  if (!key) {
    return base::unexpected(key.error() == StoreError::quota ? HoldError::quota : HoldError::full);
  }
  CHASKI_ASSERT(*key < kStoreKeyEnd);
  const Slot slot = insert(record, *key);
  changed_ = true;
  pending_.push_back(table.ref(slot));
  return slot;
}

bool Holdings::could_hold(std::uint64_t depositor, std::uint32_t size) const {
  return store.accepts() && would_fit(depositor, size);
}

void Holdings::release(Slot slot, Remember remember) {
  HeldEnvelope& held = table.at(slot);
  const std::uint64_t id_hash = hasher(held.id);
  if (held.in_lane) lanes.remove(slot);
  if (held.is_receipt) receipts.forget(slot);
  quotas.release(held.account, held.size);
  bytes_ -= held.size;
  store.erase(held.key());
  changed_ = true;
  if (remember == Remember::until_younger) {
    filter.add_expired(id_hash, held.came_first());
  } else if (remember == Remember::for_good) {
    filter.add_seen(id_hash);
  }
  table.erase(slot, id_hash);
}

bool Holdings::settle() {
  bool any = false;
  for (const SlotRef ref : pending_) {
    if (!table.alive(ref)) continue;
    table.at(ref.slot).committed = true;
    policy->committed(ref, table.at(ref.slot));
    any = let_travel(ref.slot) || any;
  }
  pending_.clear();
  changed_ = false;
  refresh_quota();
  return any;
}

bool Holdings::let_travel(Slot slot) {
  const HeldEnvelope& held = table.at(slot);
  if (!held.committed || held.in_lane || held.hops_left == 0) return false;
  lanes.append(slot);
  return true;
}

/// On another account, and so in another's turn.
void Holdings::set_depositor(Slot slot, std::uint64_t depositor) {
  HeldEnvelope& held = table.at(slot);
  const bool was_in_lane = held.in_lane;
  if (was_in_lane) lanes.remove(slot);
  quotas.release(held.account, held.size);
  held.account = quotas.charge(depositor, held.size);
  if (was_in_lane) lanes.append(slot);
}

void Holdings::adopt(std::span<const wire::EnvelopeId> own) {
  for (const wire::EnvelopeId& id : own) {
    const Slot slot = find(id);
    if (slot == kNoSlot || table.at(slot).local) continue;
    table.at(slot).local = true;
    set_depositor(slot, 0);
  }
  store.for_each_tombstone([this](const wire::EnvelopeId& id, base::Time until) {
    filter.add_tombstone(hasher(id), until);
  });
}

void Holdings::disown() {
  for (Slot slot = 0; slot < table.slot_end(); ++slot) {
    HeldEnvelope& held = table.at(slot);
    if (!held.live) continue;
    held.local = false;
    if (held.account == QuotaLedger::kOwn) set_depositor(slot, kDisownedDepositor);
  }
  filter.forget_tombstones();
}

void Holdings::put_tombstone(const wire::EnvelopeId& id, base::Time now) {
  const base::Time until =
      now + std::chrono::seconds(wire::kLifetimeMax_s) + limits_.residence_max;
  store.put_tombstone(id, until);
  filter.add_tombstone(hasher(id), until);
  changed_ = true;
}

void Holdings::expire_tombstones(base::Time now, std::size_t at_most) {
  if (filter.expire(now, at_most) == 0) return;
  store.expire_tombstones(now);
  changed_ = true;
}

bool Holdings::check_receipts(const wire::EnvelopeId& id,
                              const wire::ReceiptCommitment& commitment) {
  bool found = false;
  for (const Slot slot : receipts.held_for(hasher(id), id)) {
    const auto fields = wire::decode_envelope(store.read(table.at(slot).key()));
    const auto body = fields ? wire::decode_receipt_body(fields->body)
                             : base::unexpected(wire::WireError::malformed);
    if (body && wire::commit(body->token) == commitment) {
      receipts.set_trust(slot, ReceiptTrust::verified);
      found = true;
    } else {
      release(slot, Remember::for_good);
    }
  }
  return found;
}

/// Under our key, so that nobody can grind tokens that make us look into the store.
std::uint16_t Holdings::check_of(const wire::ReceiptCommitment& commitment) const {
  return static_cast<std::uint16_t>(hasher(commitment.view()));
}

bool Holdings::is_token_of(Slot sealed, const wire::ReceiptToken& token) {
  const HeldEnvelope& held = table.at(sealed);
  const wire::ReceiptCommitment commitment = wire::commit(token);
  if (held.is_receipt || held.check != check_of(commitment)) return false;
  const auto fields = wire::decode_envelope(store.read(held.key()));
  return fields && fields->commitment == commitment;
}

void Holdings::refresh_quota() {
  constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t bytes_max = store.usage().bytes_max;
  others_bytes_max_ =
      bytes_max == 0 ? kUnlimited
                     : bytes_max - std::min(bytes_max / kReserveShare, kReserveMax);
  depositor_bytes_max_ = limits_.depositor_bytes_max;
  if (depositor_bytes_max_ == 0) depositor_bytes_max_ = bytes_max == 0 ? kUnlimited : bytes_max / 2;
}

/// A store that others filled must still take what is written here, and the receipts of what is
/// read.
bool Holdings::has_room_for_others(std::uint32_t size) const {
  return bytes_ <= others_bytes_max_ && size <= others_bytes_max_ - bytes_;
}

std::size_t Holdings::memory_used() const {
  return table.memory_used() + filter.memory_used() + receipts.memory_used() +
         quotas.memory_used() + pending_.capacity() * sizeof(SlotRef);
}

}  // namespace chaski::mesh_router
