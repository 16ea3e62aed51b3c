// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/quota_ledger.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

bool QuotaLedger::allows(std::uint64_t depositor, std::uint32_t size,
                         std::uint64_t bytes_max) const {
  if (depositor == 0) return true;
  const std::uint64_t used = bytes(depositor);
  return used <= bytes_max && size <= bytes_max - used;
}

QuotaLedger::Account QuotaLedger::charge(std::uint64_t depositor, std::uint32_t size) {
  const auto [known, is_new] = by_depositor_.try_emplace(depositor, free_);
  if (is_new) {
    if (free_ == kNone) {
      known->second = static_cast<Account>(entries_.size());
      entries_.emplace_back();
    } else {
      free_ = entries_[free_].next_free;
    }
    entries_[known->second] = {depositor, 0, 0, kNone};
  }
  Entry& entry = entries_[known->second];
  entry.bytes += size;
  ++entry.envelopes;
  return known->second;
}

void QuotaLedger::release(Account account, std::uint32_t size) {
  Entry& entry = entries_[account];
  CHASKI_ASSERT(entry.envelopes > 0 && entry.bytes >= size);
  entry.bytes -= size;
  if (--entry.envelopes > 0) return;
  by_depositor_.erase(entry.depositor);
  entry.next_free = free_;
  free_ = account;
}

std::uint64_t QuotaLedger::bytes(std::uint64_t depositor) const {
  const auto known = by_depositor_.find(depositor);
  return known == by_depositor_.end() ? 0 : entries_[known->second].bytes;
}

}  // namespace chaski::mesh_router
