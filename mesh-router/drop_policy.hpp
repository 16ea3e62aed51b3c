// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mesh-router/envelope_table.hpp"
#include "mesh-router/quota_ledger.hpp"

namespace chaski::mesh_router {

/// Whose envelopes may be dropped for the sake of one that has no room.
struct DropScope {
  std::optional<QuotaLedger::Account> only;  ///< of this depositor alone
  std::uint64_t fair_bytes = 0;              ///< who has more loses first
};

/// Chooses what is dropped when the store is full.
///
/// Rules: (1) only what two neighbours of different origin newly took from this node since it is
/// here (HeldEnvelope::keepers): whoever takes an envelope takes it later than the one it came
/// from, so among honest nodes the last that took it has nobody to rely on and keeps it, and one
/// liar cannot make it lost. (2) never what was written here, a receipt, or what is not committed.
/// (3) first what is worth least: many neighbours have it, little of its life is left, it is large,
/// its priority is low; and what belongs to those who have more than a fair share. (4) one choice
/// looks at kSampled slots, from where the last one stopped.
class DropPolicy {
 public:
  static constexpr std::size_t kSampled = 64;
  DropPolicy(const EnvelopeTable& table, const QuotaLedger& quotas)
      : table_(table), quotas_(quotas) {}

  /// What goes first among the next kSampled slots, or kNoSlot.
  Slot choose(const DropScope& scope, base::Time now);

  /// Rules 1 and 2.
  static bool may_go(const HeldEnvelope& held);
  /// Rule 3: what is worth least goes first.
  static std::uint64_t worth(const HeldEnvelope& held, base::Time now);

 private:
  const EnvelopeTable& table_;
  const QuotaLedger& quotas_;
  Slot hand_ = 0;
};

}  // namespace chaski::mesh_router
