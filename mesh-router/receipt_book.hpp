// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "mesh-router/envelope_table.hpp"
#include "mesh-router/flat_index.hpp"

namespace chaski::mesh_router {

/// Which receipts are held for which envelope.
///
/// Rules: (1) a receipt is verified by one hash against the commitment of its envelope; with the
/// envelope unknown it is unverified and carried all the same, so that it can kill the envelope
/// should it come later. (2) unverified receipts are bounded: in all, to half of that for one
/// depositor, to kPerEnvelopeAndDepositor for one envelope from one depositor, and to kPerEnvelope
/// for one envelope, so that forged ones cannot keep the true one out. (3) what was loaded at start
/// and did not come from this node is not trusted, but not counted either.
class ReceiptBook {
 public:
  static constexpr std::size_t kPerEnvelope = 16;
  static constexpr std::size_t kPerEnvelopeAndDepositor = 4;
  ReceiptBook(const EnvelopeTable& table, std::size_t unverified_max)
      : table_(table), unverified_max_(unverified_max) {}

  /// Slots of the receipts held for this envelope; at most kPerEnvelope while rule 2 is asked.
  std::vector<Slot> held_for(std::uint64_t target_hash, const wire::EnvelopeId& target) const;
  /// Whether a receipt for this envelope is held that is known to be true.
  bool knows_true_one(std::uint64_t target_hash, const wire::EnvelopeId& target) const;
  /// Whether one more unverified receipt may be taken from this depositor.
  bool allows_unverified(std::uint64_t target_hash, const wire::EnvelopeId& target,
                         std::uint64_t depositor) const;
  /// Tell when a receipt enters the table, and before it leaves.
  void add_true(Slot slot, std::uint64_t target_hash) { by_target_.insert(target_hash, slot); }
  void add_unverified(Slot slot, std::uint64_t target_hash, std::uint64_t depositor);
  void add_loaded(Slot slot, std::uint64_t target_hash);
  void remove(Slot slot, std::uint64_t target_hash);
  /// Its envelope came and the hash matched.
  void verified(Slot slot) { forget_unverified(slot); }
  std::size_t unverified() const { return unverified_; }

 private:
  void forget_unverified(Slot slot);

  const EnvelopeTable& table_;
  std::size_t unverified_max_;
  FlatIndex by_target_;
  static constexpr std::uint64_t kLoaded = 0;
  std::size_t unverified_ = 0;                                 // without loaded ones
  std::unordered_map<Slot, std::uint64_t> by_slot_;            // depositor of each unverified one
  std::unordered_map<std::uint64_t, std::size_t> depositors_;  // how many unverified of each
};

}  // namespace chaski::mesh_router
