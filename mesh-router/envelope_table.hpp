// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mesh-router/expiry_tree.hpp"
#include "mesh-router/flat_index.hpp"
#include "mesh-router/held_envelope.hpp"
#include "mesh-router/slot_array.hpp"

namespace chaski::mesh_router {

/// The metadata of all held envelopes: slots, found by id, by delivery tag or by what a receipt
/// speaks of, and in the order of expiry.
///
/// Hashes are those of IdHasher over the id, the tag and the target. Not concerned with queues,
/// bodies or quotas. erase() makes every SlotRef to the slot dead. Memory grows with what is held,
/// in small steps, and is used again but not given back: 64 bytes for each envelope and about 11
/// for each of two indexes.
class EnvelopeTable {
 public:
  /// Envelopes found by one tag, the oldest: enough to find the true one among copies of its tag,
  /// and a bound on the work that a flood of such copies makes.
  static constexpr std::size_t kPerMarkMax = 1'024;
  /// Blocks of slots that first_due() looks into.
  static constexpr std::size_t kBlocksPerLook = 256;

  Slot find(std::uint64_t id_hash, const wire::EnvelopeId& id) const;
  /// Fills a free slot from a record; `id_hash` must not be held yet. `mark_hash` is of its tag or,
  /// for a receipt, of the id that it speaks of. It expires a second before `expires` at the most.
  Slot insert(const EnvelopeRecord& record, StoreKey key, base::Time expires,
              std::uint64_t id_hash, std::uint64_t mark_hash);
  void erase(Slot slot, std::uint64_t id_hash);
  /// Takes `age_ms` for its age at `now` if that is younger, in steps of kAgeStep_ms and never
  /// below the time since it first came; it lives longer then, to `residence_max` after that.
  void make_younger(Slot slot, std::uint64_t age_ms, base::Duration residence_max, base::Time now);

  HeldEnvelope& at(Slot slot) { return slots_[slot]; }
  const HeldEnvelope& at(Slot slot) const { return slots_[slot]; }
  SlotRef ref(Slot slot) const;
  bool alive(SlotRef ref) const;

  /// The sealed envelopes whose tag has this hash, oldest first, at most kPerMarkMax.
  std::vector<Slot> with_tag(std::uint64_t tag_hash) const;
  /// The first receipt for this envelope for which `match(slot)` holds, or kNoSlot. Another one is
  /// taken for it with probability 2^-48.
  template <class Match>
  Slot find_receipt(std::uint64_t target_hash, const wire::EnvelopeId& target,
                    Match&& match) const {
    const auto check = static_cast<std::uint16_t>(check_of(target.view()));
    return by_mark_.find(target_hash, [&](Slot slot) {
      return slots_[slot].is_receipt && slots_[slot].check == check && match(slot);
    });
  }

  /// An envelope that expires at `now` or before. kNoSlot: none, or looking for it took
  /// kBlocksPerLook blocks and goes on at the next call.
  Slot first_due(base::Time now);
  /// Not after the first expiry; when it is too early, first_due() mends it.
  std::optional<base::Time> next_expiry() const;

  std::size_t size() const { return size_; }
  /// All slots, live or not, are below this.
  Slot slot_end() const { return static_cast<Slot>(slots_.size()); }
  std::size_t memory_used() const;
  /// The first bytes of an id.
  static std::uint32_t check_of(base::ByteView bytes);

 private:
  void index_mark(Slot slot, std::uint64_t mark_hash);

  SlotArray slots_;
  ExpiryTree expiry_;  // a block is a chunk of slots_
  FlatIndex by_id_;
  FlatIndex by_mark_;
  Slot free_ = kNoSlot;  // chained by lane_next
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
