// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "mesh-router/envelope_table.hpp"
#include "mesh-router/quota_ledger.hpp"

namespace chaski::mesh_router {

/// Which receipts are held for which envelope, and how far they are trusted.
///
/// Rules: (1) a receipt is verified by one hash against the commitment of its envelope; with the
/// envelope unknown it is unverified and carried all the same, so that it can kill the envelope
/// should it come later. (2) unverified receipts are bounded: in all, to half of that for one
/// depositor, to kPerEnvelopeAndDepositor for one envelope from one depositor, and to kPerEnvelope
/// for one envelope, so that forged ones cannot keep the true one out. (3) what was loaded at start
/// and did not come from this node is not trusted, but not counted either.
class ReceiptBook {
 public:
  using Account = QuotaLedger::Account;
  static constexpr std::size_t kPerEnvelope = 16;
  static constexpr std::size_t kPerEnvelopeAndDepositor = 4;
  ReceiptBook(EnvelopeTable& table, std::size_t unverified_max)
      : table_(table), unverified_max_(unverified_max) {}

  /// Slots of the receipts held for this envelope; at most kPerEnvelope while rule 2 is asked.
  std::vector<Slot> held_for(std::uint64_t target_hash, const wire::EnvelopeId& target) const;
  /// Whether a receipt for this envelope is held that is known to be true.
  bool knows_true_one(std::uint64_t target_hash, const wire::EnvelopeId& target) const;
  /// Whether one more unverified receipt may be taken from this depositor's account (kNone: it has
  /// none yet).
  bool allows_unverified(std::uint64_t target_hash, const wire::EnvelopeId& target,
                         Account account) const;
  /// Tell before a receipt leaves the table.
  void forget(Slot slot) { set_trust(slot, ReceiptTrust::verified); }
  /// A receipt is in the table as `verified` unless this says otherwise.
  void set_trust(Slot slot, ReceiptTrust trust);
  std::size_t unverified() const { return unverified_; }
  std::size_t memory_used() const { return by_account_.capacity() * sizeof(std::uint32_t); }

 private:
  EnvelopeTable& table_;
  std::size_t unverified_max_;
  std::size_t unverified_ = 0;             // without loaded ones
  std::vector<std::uint32_t> by_account_;  // how many unverified of each
};

}  // namespace chaski::mesh_router
