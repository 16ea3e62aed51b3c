// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "mesh-router/split_table.hpp"

namespace chaski::mesh_router {

/// A set of 64-bit keyed hashes: about 10.5 bytes each, grows a little at a time, nothing allocated
/// while empty.
///
/// The hashes must come from IdHasher, so that clusters cannot be provoked. Two different ids are
/// taken for one with probability size / 2^64.
class HashSet {
 public:
  bool contains(std::uint64_t hash) const { return find(key_of(hash)) != nullptr; }
  /// False when it was there already.
  bool insert(std::uint64_t hash);
  bool erase(std::uint64_t hash);
  void clear() { table_.clear(); }
  std::size_t size() const { return table_.size(); }
  std::size_t memory_used() const { return table_.memory_used(); }

 private:
  struct Entry {
    std::uint64_t key = 0;
    bool used() const { return key != 0; }
    std::uint32_t mark() const { return static_cast<std::uint32_t>(key); }
  };
  static std::uint64_t key_of(std::uint64_t hash) { return hash == 0 ? 1 : hash; }
  const Entry* find(std::uint64_t key) const {
    return table_.find(Entry{key}.mark(), [key](const Entry& one) { return one.key == key; });
  }

  SplitTable<Entry> table_;
};

}  // namespace chaski::mesh_router
