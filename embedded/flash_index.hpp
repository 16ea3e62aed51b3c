// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "mesh-router/envelope_store.hpp"

namespace chaski::embedded {

/// Where one thing lies in flash, and what becomes of it with the next commit: 16 bytes.
struct FlashEntry {
  std::uint64_t key : 48 = 0;
  std::uint64_t fresh : 1 = 0;  ///< put, and not yet committed
  std::uint64_t dying : 1 = 0;  ///< erased, and not yet committed: to be seen nowhere but in flash
  std::uint32_t at = 0;         ///< address of its record
  std::uint32_t size = 0;       ///< of the record's payload
};
static_assert(sizeof(FlashEntry) == 16);

/// Entries in the order of their keys, in an array of its owner's.
class FlashIndex {
 public:
  explicit FlashIndex(std::span<FlashEntry> room) : room_(room) {}

  std::size_t size() const { return size_; }
  std::size_t size_max() const { return room_.size(); }
  bool full() const { return size_ == room_.size(); }
  const FlashEntry& operator[](std::size_t i) const { return room_[i]; }
  void clear() { size_ = 0; }

  /// Where the first key that is not below this one is.
  std::size_t lower_bound(mesh_router::StoreKey key) const {
    const auto end = room_.begin() + static_cast<std::ptrdiff_t>(size_);
    const auto below = [](const FlashEntry& entry, mesh_router::StoreKey k) {
      return entry.key < k;
    };
    return static_cast<std::size_t>(std::lower_bound(room_.begin(), end, key, below) -
                                    room_.begin());
  }
  FlashEntry* find(mesh_router::StoreKey key) {
    const std::size_t i = lower_bound(key);
    return i < size_ && room_[i].key == key ? &room_[i] : nullptr;
  }
  /// The key must be new. False when it is full.
  bool insert(const FlashEntry& entry) {
    if (full()) return false;
    const auto at = room_.begin() + static_cast<std::ptrdiff_t>(lower_bound(entry.key));
    const auto end = room_.begin() + static_cast<std::ptrdiff_t>(size_);
    std::move_backward(at, end, end + 1);
    *at = entry;
    ++size_;
    return true;
  }
  template <class Change>
  void for_each(Change change) {
    for (std::size_t i = 0; i < size_; ++i) change(room_[i]);
  }
  /// Removes those for which `gone` says so.
  template <class Predicate>
  void remove_if(Predicate gone) {
    const auto end = room_.begin() + static_cast<std::ptrdiff_t>(size_);
    size_ = static_cast<std::size_t>(std::remove_if(room_.begin(), end, gone) - room_.begin());
  }
  void remove(mesh_router::StoreKey key) {
    remove_if([key](const FlashEntry& entry) { return entry.key == key; });
  }

 private:
  std::span<FlashEntry> room_;
  std::size_t size_ = 0;
};

}  // namespace chaski::embedded
