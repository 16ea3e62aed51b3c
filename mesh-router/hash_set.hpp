// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chaski::mesh_router {

/// A set of 64-bit keyed hashes: open addressing, linear probing, nothing allocated while empty.
///
/// The hashes must come from IdHasher, so that clusters cannot be provoked. 8 bytes an entry at a
/// load of 3/8 to 3/4. Two different ids are taken for one with probability size / 2^64.
class HashSet {
 public:
  bool contains(std::uint64_t hash) const;
  /// False when it was there already.
  bool insert(std::uint64_t hash);
  bool erase(std::uint64_t hash);
  void clear();
  std::size_t size() const { return size_; }
  std::size_t memory_used() const { return entries_.capacity() * sizeof(std::uint64_t); }

 private:
  static constexpr std::uint64_t kEmpty = 0;
  static std::uint64_t key_of(std::uint64_t hash) { return hash == kEmpty ? 1 : hash; }
  std::size_t home(std::uint64_t key) const { return static_cast<std::size_t>(key) & mask_; }
  std::size_t place(std::uint64_t key) const;
  void grow();

  std::vector<std::uint64_t> entries_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
