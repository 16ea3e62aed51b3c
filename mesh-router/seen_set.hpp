// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ratio>

#include "base/time.hpp"
#include "mesh-router/split_table.hpp"

namespace chaski::mesh_router {

/// A set of keyed hashes, of which some have a time: about 10.5 bytes each, grows a little at a
/// time, nothing allocated while empty.
///
/// An entry is 46 bits of the hash, which must come from IdHasher, and 18 bits of a time in steps
/// of 32 s: two ids are taken for one with probability size / 2^46. Times are told as the last ones
/// before now, so one of more than kTimesTold ago is told as a later one.
class SeenSet {
 public:
  using Steps = std::chrono::duration<std::int64_t, std::ratio<32>>;
  static constexpr std::int64_t kTimes = (1 << 18) - 1;
  static constexpr Steps kTimesTold{kTimes};  ///< 97 days

  /// Puts it there, or in place of what was there; nothing: without a time.
  void put(std::uint64_t hash, std::optional<base::Time> time);
  bool contains(std::uint64_t hash) const { return find(hash) != nullptr; }
  /// Its time, at most a step too early; nothing when it has none or is not there.
  std::optional<base::Time> time_of(std::uint64_t hash, base::Time now) const;
  bool erase(std::uint64_t hash);
  std::size_t size() const { return table_.size(); }
  std::size_t memory_used() const { return table_.memory_used(); }

 private:
  static constexpr unsigned kHashBits = 46;
  static constexpr std::uint64_t kHashMask = (std::uint64_t{1} << kHashBits) - 1;
  struct Entry {
    std::uint64_t bits = 0;
    bool used() const { return bits != 0; }
    std::uint32_t mark() const { return static_cast<std::uint32_t>(bits); }
    std::uint64_t key() const { return bits & kHashMask; }
  };
  static std::uint64_t key_of(std::uint64_t hash) {
    const std::uint64_t key = hash & kHashMask;
    return key == 0 ? 1 : key;
  }
  const Entry* find(std::uint64_t hash) const {
    const std::uint64_t key = key_of(hash);
    return table_.find(Entry{key}.mark(), [key](const Entry& one) { return one.key() == key; });
  }

  SplitTable<Entry> table_;
};

}  // namespace chaski::mesh_router
