// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/quota_ledger.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

QuotaLedger::Account QuotaLedger::account_of(std::uint64_t depositor) const {
  if (depositor == 0) return kOwn;
  const std::uint32_t known = by_depositor_.find(depositor, [&](std::uint32_t account) {
    return entries_[account].depositor == depositor;
  });
  if (known != FlatIndex::kNone) return static_cast<Account>(known);
  if (by_depositor_.size() < kAccountsMax) return kNone;
  return static_cast<Account>(1 + depositor % kAccountsMax);
}

bool QuotaLedger::allows(std::uint64_t depositor, std::uint32_t size,
                         std::uint64_t bytes_max) const {
  if (depositor == 0) return true;
  const std::uint64_t used = bytes(depositor);
  return used <= bytes_max && size <= bytes_max - used;
}

QuotaLedger::Account QuotaLedger::open(std::uint64_t depositor) {
  Account account = free_;
  if (account == kNone) {
    account = static_cast<Account>(entries_.size());
    entries_.emplace_back();
  } else {
    free_ = entries_[account].next_free;
  }
  entries_[account] = {depositor, 0, 0, kNone};
  by_depositor_.insert(depositor, account);
  return account;
}

QuotaLedger::Account QuotaLedger::charge(std::uint64_t depositor, std::uint32_t size) {
  Account account = account_of(depositor);
  if (account == kNone) account = open(depositor);
  entries_[account].bytes += size;
  ++entries_[account].envelopes;
  return account;
}

void QuotaLedger::release(Account account, std::uint32_t size) {
  Entry& entry = entries_[account];
  CHASKI_ASSERT(entry.envelopes > 0 && entry.bytes >= size);
  entry.bytes -= size;
  if (--entry.envelopes > 0 || account == kOwn) return;
  by_depositor_.erase(entry.depositor, account);
  entry.next_free = free_;
  free_ = account;
}

std::uint64_t QuotaLedger::bytes(std::uint64_t depositor) const {
  const Account account = account_of(depositor);
  return account == kNone ? 0 : entries_[account].bytes;
}

}  // namespace chaski::mesh_router
