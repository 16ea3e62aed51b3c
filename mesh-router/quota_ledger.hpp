// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "mesh-router/flat_index.hpp"

namespace chaski::mesh_router {

/// How many bytes each depositor has in the store, so that no neighbour can push out what others
/// brought.
///
/// Rules: (1) depositor 0 is this node: account 0, without a bound here. (2) an account exists as
/// long as it has something. (3) there are at most kAccountsMax others; a depositor that finds all
/// taken shares the one that its hash points to, with its bound. Depositors are keyed hashes
/// (IdHasher), so nobody chooses with whom to share.
class QuotaLedger {
 public:
  using Account = std::uint16_t;
  static constexpr Account kOwn = 0;
  static constexpr std::size_t kAccountsMax = 4'096;

  /// Whether `size` more bytes stay within `bytes_max`.
  bool allows(std::uint64_t depositor, std::uint32_t size, std::uint64_t bytes_max) const;
  /// Puts them on the depositor's account and names it for release().
  Account charge(std::uint64_t depositor, std::uint32_t size);
  void release(Account account, std::uint32_t size);
  std::uint64_t bytes(std::uint64_t depositor) const;
  std::uint64_t bytes_of(Account account) const {
    return account < entries_.size() ? entries_[account].bytes : 0;
  }
  /// The account that charge() would use, or kNone when it would open one.
  Account account_of(std::uint64_t depositor) const;
  static constexpr Account kNone = 0xFFFF;

  /// Accounts of others that have something.
  std::size_t accounts() const { return by_depositor_.size(); }
  std::size_t memory_used() const {
    return entries_.capacity() * sizeof(Entry) + by_depositor_.memory_used();
  }

 private:
  struct Entry {
    std::uint64_t depositor = 0;
    std::uint64_t bytes = 0;
    std::uint32_t envelopes = 0;
    Account next_free = kNone;
  };
  Account open(std::uint64_t depositor);

  std::vector<Entry> entries_ = std::vector<Entry>(1);  // the first is this node's own
  FlatIndex by_depositor_;
  Account free_ = kNone;
};

}  // namespace chaski::mesh_router
