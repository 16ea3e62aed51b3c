// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/expiry_heap.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

void ExpiryHeap::put(std::size_t at, Slot slot) {
  heap_[at] = slot;
  slots_[slot].heap_position = static_cast<std::uint32_t>(at);
}

void ExpiryHeap::sift_up(std::size_t at, Slot slot) {
  while (at > 0) {
    const std::size_t parent = (at - 1) / 2;
    if (slots_[heap_[parent]].expires <= slots_[slot].expires) break;
    put(at, heap_[parent]);
    at = parent;
  }
  put(at, slot);
}

void ExpiryHeap::sift_down(std::size_t at, Slot slot) {
  for (std::size_t child = 2 * at + 1; child < heap_.size(); child = 2 * at + 1) {
    if (child + 1 < heap_.size() &&
        slots_[heap_[child + 1]].expires < slots_[heap_[child]].expires) {
      ++child;
    }
    if (slots_[slot].expires <= slots_[heap_[child]].expires) break;
    put(at, heap_[child]);
    at = child;
  }
  put(at, slot);
}

void ExpiryHeap::push(Slot slot) {
  heap_.push_back(slot);
  sift_up(heap_.size() - 1, slot);
}

void ExpiryHeap::remove(Slot slot) {
  const std::size_t at = slots_[slot].heap_position;
  CHASKI_ASSERT(at < heap_.size() && heap_[at] == slot);
  const Slot last = heap_.back();
  heap_.pop_back();
  if (last == slot) return;
  if (slots_[last].expires < slots_[slot].expires) {
    sift_up(at, last);
  } else {
    sift_down(at, last);
  }
}

}  // namespace chaski::mesh_router
