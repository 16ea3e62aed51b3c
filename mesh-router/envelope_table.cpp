// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/envelope_table.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {

std::uint32_t id_mark(const wire::EnvelopeId& id) {
  return EnvelopeTable::check_of(id.view());
}

Packed48 milliseconds_of(base::Time time) {
  return Packed48(
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

std::uint32_t whole_seconds(base::Duration left) {
  const std::int64_t seconds = std::chrono::floor<std::chrono::seconds>(left).count();
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, HeldEnvelope::kLivesMax_s));
}

std::uint16_t whole_steps(std::uint64_t age_ms) {
  return static_cast<std::uint16_t>(
      std::min<std::uint64_t>(age_ms / HeldEnvelope::kAgeStep_ms, 0xFFFF));
}

}  // namespace

std::uint32_t EnvelopeTable::check_of(base::ByteView bytes) {
  std::uint32_t check = 0;
  CHASKI_ASSERT(bytes.size() >= sizeof check);
  std::memcpy(&check, bytes.data(), sizeof check);
  return check;
}

SlotRef EnvelopeTable::ref(Slot slot) const { return {slot, id_mark(slots_[slot].id)}; }

bool EnvelopeTable::alive(SlotRef ref) const {
  return ref.slot < slots_.size() && slots_[ref.slot].live &&
         id_mark(slots_[ref.slot].id) == ref.id_mark;
}

Slot EnvelopeTable::find(std::uint64_t id_hash, const wire::EnvelopeId& id) const {
  return by_id_.find(id_hash, [&](Slot slot) { return slots_[slot].id == id; });
}

Slot EnvelopeTable::insert(const EnvelopeRecord& record, StoreKey key, base::Time expires,
                           std::uint64_t id_hash, std::uint64_t mark_hash) {
  Slot slot = free_;
  if (slot == kNoSlot) {
    slot = slots_.add();
  } else {
    free_ = slots_[slot].lane_next;
  }
  HeldEnvelope& held = slots_[slot];
  held = HeldEnvelope();
  held.id = record.id;
  held.store_key = Packed48(static_cast<std::int64_t>(key));
  held.born_ms =
      milliseconds_of(record.arrived - std::chrono::milliseconds(record.age_at_arrival_ms));
  held.lives_s = whole_seconds(expires - held.born()) & HeldEnvelope::kLivesMax_s;
  held.size = record.size & HeldEnvelope::kSizeMax;
  held.check = static_cast<std::uint16_t>(check_of(record.commitment.view()));
  held.age_steps = whole_steps(record.age_at_arrival_ms);
  held.set_copies(record.copies);
  held.hops_left = record.hops_left;
  held.live = true;
  held.local = record.local;
  held.is_receipt = record.kind == wire::EnvelopeKind::receipt;
  held.priority = static_cast<std::uint8_t>(record.priority) & 3u;
  by_id_.insert(id_hash, slot);
  index_mark(slot, mark_hash);
  expiry_.lower(slot / SlotArray::kChunk, held.expires());
  ++size_;
  return slot;
}

/// Beyond kPerMarkMax of one mark it is held all the same, and not found by its mark.
void EnvelopeTable::index_mark(Slot slot, std::uint64_t mark_hash) {
  HeldEnvelope& held = slots_[slot];
  held.mark = FlatIndex::mark_of(mark_hash);
  std::size_t others = 0;
  by_mark_.find(mark_hash, [&others](Slot) { return ++others == kPerMarkMax; });
  held.marked = others < kPerMarkMax;
  if (held.marked) by_mark_.insert(mark_hash, slot);
}

void EnvelopeTable::erase(Slot slot, std::uint64_t id_hash) {
  HeldEnvelope& held = slots_[slot];
  CHASKI_ASSERT(held.live && !held.in_lane);
  bool found = by_id_.erase(id_hash, slot);
  CHASKI_ASSERT(found);
  if (held.marked) {
    found = by_mark_.erase(held.mark, slot);
    CHASKI_ASSERT(found);
  }
  held.live = false;
  held.lane_next = free_;
  free_ = slot;
  --size_;
}

/// The tree may know too early a time of expiry: first_due() mends that.
void EnvelopeTable::make_younger(Slot slot, std::uint64_t age_ms, base::Duration residence_max,
                                 base::Time now) {
  HeldEnvelope& held = slots_[slot];
  const std::uint64_t ours = held.age_ms(now);
  if (age_ms >= ours) return;
  const std::uint16_t steps = std::min(whole_steps(ours - age_ms), held.age_steps);
  if (steps == 0) return;
  held.age_steps = static_cast<std::uint16_t>(held.age_steps - steps);
  held.born_ms = Packed48(held.born_ms.value() + steps * HeldEnvelope::kAgeStep_ms);
  // Its lifetime, unless the residence ended before that: then it still ends there.
  const std::uint32_t stays_s = whole_seconds(held.came_first() + residence_max - held.born());
  held.lives_s = std::min<std::uint32_t>(held.lives_s, stays_s) & HeldEnvelope::kLivesMax_s;
}

std::vector<Slot> EnvelopeTable::with_tag(std::uint64_t tag_hash) const {
  std::vector<Slot> slots;
  by_mark_.find(tag_hash, [&](Slot slot) {
    if (!slots_[slot].is_receipt) slots.push_back(slot);
    return false;
  });
  return slots;
}

Slot EnvelopeTable::first_due(base::Time now) {
  for (std::size_t looks = 0; looks < kBlocksPerLook && expiry_.earliest() <= now; ++looks) {
    const std::size_t block = expiry_.first_block();
    const auto begin = static_cast<Slot>(block * SlotArray::kChunk);
    const Slot end = std::min(static_cast<Slot>(begin + SlotArray::kChunk), slot_end());
    base::Time earliest = ExpiryTree::kNever;
    for (Slot slot = begin; slot < end; ++slot) {
      if (!slots_[slot].live) continue;
      const base::Time expires = slots_[slot].expires();
      if (expires <= now) return slot;
      earliest = std::min(earliest, expires);
    }
    expiry_.set(block, earliest);
  }
  return kNoSlot;
}

std::optional<base::Time> EnvelopeTable::next_expiry() const {
  const base::Time earliest = expiry_.earliest();
  if (earliest == ExpiryTree::kNever) return std::nullopt;
  return earliest;
}

std::size_t EnvelopeTable::memory_used() const {
  return slots_.memory_used() + expiry_.memory_used() + by_id_.memory_used() +
         by_mark_.memory_used();
}

}  // namespace chaski::mesh_router
