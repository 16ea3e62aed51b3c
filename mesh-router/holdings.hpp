// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/expected.hpp"
#include "mesh-router/drop_policy.hpp"
#include "mesh-router/duplicate_filter.hpp"
#include "mesh-router/envelope_table.hpp"
#include "mesh-router/forwarding_policy.hpp"
#include "mesh-router/id_hash.hpp"
#include "mesh-router/neighbour_table.hpp"
#include "mesh-router/quota_ledger.hpp"
#include "mesh-router/receipt_book.hpp"
#include "mesh-router/relay_lanes.hpp"
#include "mesh-router/router.hpp"

namespace chaski::mesh_router {

/// What stays of an envelope that is erased.
enum class Remember : std::uint8_t {
  nothing,        ///< its tombstone says all
  for_good,       ///< it is not taken again
  until_younger,  ///< it grew old; perhaps its bearer lied about its age
};

enum class HoldError : std::uint8_t { full, quota };

/// Everything that is held, kept consistent over the units: table, lanes, masks, quotas, receipts,
/// duplicates and the store behind them.
///
/// hold() and release() are the only ways in and out. What was held since the last settle() is
/// pending: it is not in the lanes yet.
class Holdings {
 public:
  /// Share of the store that is kept for what is written here and for receipts of this node.
  static constexpr std::uint64_t kReserveShare = 64;
  static constexpr std::uint64_t kReserveMax = 1u << 20;
  /// Tombstones kept at most; more than a person gets in the longest lifetime.
  static constexpr std::size_t kTombstonesMax = 1'000'000;
  /// Choices of what to drop for the sake of one envelope.
  static constexpr std::size_t kDropChoicesMax = 32;

  Holdings(const RouterLimits& limits, EnvelopeStore& store, base::Random& random);
  Holdings(const Holdings&) = delete;
  Holdings& operator=(const Holdings&) = delete;

  /// Fills everything from the store.
  void load();

  /// Stores one and counts it; `record.depositor` names whose quota it takes (0: nobody's). When
  /// there is no room, others may be dropped for it (DropPolicy); `displaced` names them then. A
  /// receipt must be told to `receipts` by the caller.
  base::Expected<Slot, HoldError> hold(const EnvelopeRecord& record, base::ByteView envelope);
  std::vector<wire::EnvelopeId> displaced;
  /// Erases it here and in the store.
  void release(Slot slot, Remember remember);
  /// Whether hold() would take `size` bytes from this depositor now.
  bool could_hold(std::uint64_t depositor, std::uint32_t size) const;
  /// What is pending is durable: into the lanes. Returns whether anything went there.
  bool settle();
  /// Whether the store was changed since the last settle().
  bool changed() const { return changed_; }
  /// Puts a committed envelope into the lanes if it has hops left and is not there.
  bool let_travel(Slot slot);

  /// These were written here; what the store keeps as read is not taken again.
  void adopt(std::span<const wire::EnvelopeId> own);
  /// Nothing is known any more to have been written, read or acknowledged here.
  void disown();
  /// Whom what was disowned counts as brought by.
  static constexpr std::uint64_t kDisownedDepositor = 1;

  void put_tombstone(const wire::EnvelopeId& id, base::Time now);
  /// Forgets at most `at_most` tombstones whose time is over.
  void expire_tombstones(base::Time now, std::size_t at_most);
  /// Checks the receipts that are held for this envelope against its commitment: forged ones are
  /// erased. Returns whether a true one is held.
  bool check_receipts(const wire::EnvelopeId& id, const wire::ReceiptCommitment& commitment);
  /// Whether this is the token of a held sealed envelope. A forged one costs no look at the store.
  bool is_token_of(Slot sealed, const wire::ReceiptToken& token);

  Slot find(const wire::EnvelopeId& id) const { return table.find(hasher(id), id); }
  std::size_t memory_used() const;

  EnvelopeStore& store;
  IdHasher hasher;
  EnvelopeTable table;
  RelayLanes lanes{table};
  NeighbourTable neighbours{table};
  DuplicateFilter filter;
  ReceiptBook receipts;
  QuotaLedger quotas;
  DropPolicy drops{table, quotas};
  std::unique_ptr<ForwardingPolicy> policy;

 private:
  base::Expected<Slot, HoldError> place(const EnvelopeRecord& record, base::ByteView envelope);
  bool make_room(const EnvelopeRecord& record);
  void load_one(StoreKey key, const EnvelopeRecord& record);
  Slot insert(const EnvelopeRecord& record, StoreKey key);
  void refresh_quota();
  bool has_room_for_others(std::uint32_t size) const;
  bool would_fit(std::uint64_t depositor, std::uint32_t size) const;
  base::Time expiry_of(const EnvelopeRecord& record) const;
  std::uint16_t check_of(const wire::ReceiptCommitment& commitment) const;
  void set_depositor(Slot slot, std::uint64_t depositor);

  const RouterLimits& limits_;
  std::uint64_t bytes_ = 0;              // held, as the store counts them
  std::uint64_t others_bytes_max_ = 0;   // of the store, without the reserve
  std::uint64_t depositor_bytes_max_ = 0;
  bool changed_ = false;
  std::vector<SlotRef> pending_;
};

}  // namespace chaski::mesh_router
