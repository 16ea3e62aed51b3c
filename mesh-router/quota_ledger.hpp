// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace chaski::mesh_router {

/// How many bytes each depositor has in the store, so that no neighbour can push out what others
/// brought.
///
/// Depositor 0 is this node and has no bound here. An account exists as long as it has something,
/// so there are never more than envelopes.
class QuotaLedger {
 public:
  using Account = std::uint32_t;

  /// Whether `size` more bytes stay within `bytes_max`.
  bool allows(std::uint64_t depositor, std::uint32_t size, std::uint64_t bytes_max) const;
  /// Puts them on the depositor's account and names it for release().
  Account charge(std::uint64_t depositor, std::uint32_t size);
  void release(Account account, std::uint32_t size);
  std::uint64_t bytes(std::uint64_t depositor) const;
  std::size_t accounts() const { return by_depositor_.size(); }

 private:
  struct Entry {
    std::uint64_t depositor = 0;
    std::uint64_t bytes = 0;
    std::uint32_t envelopes = 0;
    Account next_free = 0;
  };
  static constexpr Account kNone = 0xFFFF'FFFF;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint64_t, Account> by_depositor_;
  Account free_ = kNone;
};

}  // namespace chaski::mesh_router
