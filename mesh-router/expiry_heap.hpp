// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "mesh-router/slot_array.hpp"

namespace chaski::mesh_router {

/// Slots ordered by HeldEnvelope::expires: a binary heap that knows where each slot is.
class ExpiryHeap {
 public:
  explicit ExpiryHeap(SlotArray& slots) : slots_(slots) {}
  void push(Slot slot);
  void remove(Slot slot);
  Slot top() const { return heap_.empty() ? kNoSlot : heap_.front(); }
  std::size_t size() const { return heap_.size(); }
  std::size_t memory_used() const { return heap_.capacity() * sizeof(Slot); }

 private:
  void put(std::size_t at, Slot slot);
  void sift_up(std::size_t at, Slot slot);
  void sift_down(std::size_t at, Slot slot);

  SlotArray& slots_;
  std::vector<Slot> heap_;
};

}  // namespace chaski::mesh_router
