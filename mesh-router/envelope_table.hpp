// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "mesh-router/expiry_heap.hpp"
#include "mesh-router/flat_index.hpp"
#include "mesh-router/held_envelope.hpp"
#include "mesh-router/slot_array.hpp"

namespace chaski::mesh_router {

/// The metadata of all held envelopes: slots with generation counters, found by id and by delivery
/// tag, in the order of expiry.
///
/// Hashes are those of IdHasher over the id and over the tag. Not concerned with queues, bodies or
/// quotas. erase() makes every SlotRef to the slot dead. Memory grows with what is held, in chunks,
/// and is used again but not given back.
class EnvelopeTable {
 public:
  Slot find(std::uint64_t id_hash, const wire::EnvelopeId& id) const;
  /// Fills a free slot from a record; `id_hash` must not be held yet. `tag_hash` counts only for
  /// sealed envelopes.
  Slot insert(const EnvelopeRecord& record, StoreKey key, base::Time expires,
              std::uint64_t id_hash, std::uint64_t tag_hash);
  void erase(Slot slot, std::uint64_t id_hash);

  HeldEnvelope& at(Slot slot) { return slots_[slot]; }
  const HeldEnvelope& at(Slot slot) const { return slots_[slot]; }
  SlotRef ref(Slot slot) const { return {slot, slots_[slot].generation}; }
  bool alive(SlotRef ref) const {
    return ref.slot < slots_.size() && slots_[ref.slot].live &&
           slots_[ref.slot].generation == ref.generation;
  }

  /// The newest held envelope whose tag has this hash; the next ones by HeldEnvelope::tag_next.
  Slot first_with_tag(std::uint64_t tag_hash) const;
  /// The one that expires first, or kNoSlot.
  Slot first_to_expire() const { return expiry_.top(); }

  std::size_t size() const { return size_; }
  /// All slots, live or not, are below this.
  Slot slot_end() const { return static_cast<Slot>(slots_.size()); }
  std::size_t memory_used() const;

 private:
  void link_tag(Slot slot);
  void unlink_tag(Slot slot);

  SlotArray slots_;
  ExpiryHeap expiry_{slots_};
  FlatIndex by_id_;
  FlatIndex by_tag_;
  Slot free_ = kNoSlot;  // chained by lane_next
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
