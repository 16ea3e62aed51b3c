// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "mesh-router/split_table.hpp"

namespace chaski::mesh_router {

/// Finds numbers (slots) by a keyed hash: 8 bytes an entry, grows a little at a time.
///
/// Keeps 32 bits of the hash beside each number, so that a miss costs no look at the slot; the
/// caller says whether a candidate is really meant. The same hash may stand for several numbers,
/// which are visited in the order in which they came; long runs of one hash are the caller's to
/// prevent.
class FlatIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  /// The first number under `hash` for which `match(number)` holds, or kNone.
  template <class Match>
  std::uint32_t find(std::uint64_t hash, Match&& match) const {
    const Entry* entry =
        table_.find(mark_of(hash), [&](const Entry& one) { return match(one.value); });
    return entry == nullptr ? kNone : entry->value;
  }
  void insert(std::uint64_t hash, std::uint32_t value);
  /// Whether that very pair was there.
  bool erase(std::uint64_t hash, std::uint32_t value);

  /// The part of a hash that counts here.
  static std::uint32_t mark_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  std::size_t size() const { return table_.size(); }
  std::size_t memory_used() const { return table_.memory_used(); }

 private:
  struct Entry {
    std::uint32_t mark_value = 0;
    std::uint32_t value = kNone;
    bool used() const { return value != kNone; }
    std::uint32_t mark() const { return mark_value; }
  };

  SplitTable<Entry> table_;
};

}  // namespace chaski::mesh_router
