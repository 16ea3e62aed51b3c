// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/envelope_table.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

Slot EnvelopeTable::find(std::uint64_t id_hash, const wire::EnvelopeId& id) const {
  return by_id_.find(id_hash, [&](Slot slot) { return slots_[slot].id == id; });
}

Slot EnvelopeTable::insert(const EnvelopeRecord& record, StoreKey key, base::Time expires,
                           std::uint64_t id_hash, std::uint64_t tag_hash) {
  Slot slot = free_;
  if (slot == kNoSlot) {
    slot = slots_.add();
  } else {
    free_ = slots_[slot].lane_next;
  }
  HeldEnvelope& held = slots_[slot];
  const std::uint32_t generation = held.generation;
  held = {};
  held.generation = generation;
  held.id = record.id;
  held.commitment_or_target = record.commitment.bytes;
  held.key = key;
  held.born = record.arrived - std::chrono::milliseconds(record.age_at_arrival_ms);
  held.expires = expires;
  held.size = record.size;
  held.tag_hash = static_cast<std::uint32_t>(tag_hash);
  held.copies = record.copies;
  held.hops_left = record.hops_left;
  held.live = true;
  held.local = record.local;
  held.is_receipt = record.kind == wire::EnvelopeKind::receipt;
  held.priority = static_cast<std::uint8_t>(record.priority) & 3u;
  by_id_.insert(id_hash, slot);
  if (!held.is_receipt) link_tag(slot);
  expiry_.push(slot);
  ++size_;
  return slot;
}

void EnvelopeTable::erase(Slot slot, std::uint64_t id_hash) {
  HeldEnvelope& held = slots_[slot];
  CHASKI_ASSERT(held.live && !held.in_lane);
  const bool found = by_id_.erase(id_hash, slot);
  CHASKI_ASSERT(found);
  if (!held.is_receipt) unlink_tag(slot);
  expiry_.remove(slot);
  held.live = false;
  ++held.generation;
  held.lane_next = free_;
  free_ = slot;
  --size_;
}

Slot EnvelopeTable::first_with_tag(std::uint64_t tag_hash) const {
  return by_tag_.find(tag_hash, [&](Slot slot) {
    return slots_[slot].tag_hash == static_cast<std::uint32_t>(tag_hash);
  });
}

/// Envelopes with one tag are a list, and only its head is in the index: a flood of envelopes that
/// copy one tag costs constant time each.
void EnvelopeTable::link_tag(Slot slot) {
  HeldEnvelope& held = slots_[slot];
  const Slot head = first_with_tag(held.tag_hash);
  held.tag_next = head;
  if (head == kNoSlot) {
    by_tag_.insert(held.tag_hash, slot);
  } else {
    slots_[head].tag_previous = slot;
    by_tag_.replace(held.tag_hash, head, slot);
  }
}

void EnvelopeTable::unlink_tag(Slot slot) {
  HeldEnvelope& held = slots_[slot];
  if (held.tag_next != kNoSlot) slots_[held.tag_next].tag_previous = held.tag_previous;
  if (held.tag_previous != kNoSlot) {
    slots_[held.tag_previous].tag_next = held.tag_next;
  } else if (held.tag_next != kNoSlot) {
    by_tag_.replace(held.tag_hash, slot, held.tag_next);
  } else {
    by_tag_.erase(held.tag_hash, slot);
  }
}

std::size_t EnvelopeTable::memory_used() const {
  return slots_.memory_used() + expiry_.memory_used() + by_id_.memory_used() +
         by_tag_.memory_used();
}

}  // namespace chaski::mesh_router
