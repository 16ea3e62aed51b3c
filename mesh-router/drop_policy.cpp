// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/drop_policy.hpp"

#include <algorithm>
#include <bit>
#include <chrono>

namespace chaski::mesh_router {

bool DropPolicy::may_go(const HeldEnvelope& held) {
  return held.live && held.committed && !held.local && !held.is_receipt &&
         held.keepers == HeldEnvelope::kTwoKeepers;
}

std::uint64_t DropPolicy::worth(const HeldEnvelope& held, base::Time now) {
  // Below 2^21 seconds, so the product is below 2^63.
  constexpr std::uint64_t kScale = std::uint64_t{1} << 40;
  const base::Duration left = std::max(held.expires() - now, base::Duration::zero());
  const auto left_s = std::chrono::duration_cast<std::chrono::seconds>(left).count();
  const std::uint64_t life = std::uint64_t{1} + static_cast<std::uint64_t>(left_s);
  const auto copies = static_cast<std::uint64_t>(std::popcount(held.known_by)) + 1;
  return life * kScale / copies / (std::uint64_t{held.size} + 1) * (held.priority + 1u);
}

Slot DropPolicy::choose(const DropScope& scope, base::Time now) {
  const std::size_t end = table_.slot_end();
  Slot least = kNoSlot;
  std::uint64_t least_worth = 0;
  for (std::size_t i = 0; i < std::min(kSampled, end); ++i, ++hand_) {
    if (hand_ >= end) hand_ = 0;
    const HeldEnvelope& held = table_.at(hand_);
    if (!may_go(held) || (scope.only && held.account != *scope.only)) continue;
    std::uint64_t value = worth(held, now);
    // Those within their share lose only when the sample has nothing of the others.
    if (quotas_.bytes_of(held.account) <= scope.fair_bytes) value |= std::uint64_t{1} << 63;
    if (least != kNoSlot && value >= least_worth) continue;
    least = hand_;
    least_worth = value;
  }
  return least;
}

}  // namespace chaski::mesh_router
