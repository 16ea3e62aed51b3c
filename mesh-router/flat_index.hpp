// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace chaski::mesh_router {

/// Finds numbers (slots) by a keyed hash: open addressing, 8 bytes an entry, grows on demand.
///
/// Keeps 32 bits of the hash beside each number, so that a miss costs no look at the slot; the
/// caller says whether a candidate is really meant. The same hash may stand for several numbers,
/// but long runs of one hash are the caller's to prevent.
class FlatIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;

  /// The first number under `hash` for which `match(number)` holds, or kNone.
  template <class Match>
  std::uint32_t find(std::uint64_t hash, Match&& match) const {
    if (size_ == 0) return kNone;
    const std::uint32_t mark = mark_of(hash);
    for (std::size_t at = mark & mask_; entries_[at].value != kNone; at = (at + 1) & mask_) {
      if (entries_[at].mark == mark && match(entries_[at].value)) return entries_[at].value;
    }
    return kNone;
  }
  void insert(std::uint64_t hash, std::uint32_t value);
  /// Whether that very pair was there.
  bool erase(std::uint64_t hash, std::uint32_t value);
  /// Puts `next` in the place of `value`.
  bool replace(std::uint64_t hash, std::uint32_t value, std::uint32_t next);

  std::size_t size() const { return size_; }
  std::size_t memory_used() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    std::uint32_t mark = 0;
    std::uint32_t value = kNone;
  };
  static std::uint32_t mark_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash); }
  std::size_t place(std::uint32_t mark, std::uint32_t value) const;
  void grow();

  std::vector<Entry> entries_;
  std::size_t mask_ = 0;
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
