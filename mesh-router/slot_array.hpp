// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "base/small.hpp"
#include "mesh-router/held_envelope.hpp"

namespace chaski::mesh_router {

/// Slots in chunks, so that growth copies nothing and a small router stays small.
class SlotArray {
 public:
  static constexpr std::size_t kChunkBits = base::kSmall ? 3 : 5;
  static constexpr std::size_t kChunk = std::size_t{1} << kChunkBits;

  HeldEnvelope& operator[](Slot slot) {
    return chunks_[slot >> kChunkBits][slot & (kChunk - 1)];
  }
  const HeldEnvelope& operator[](Slot slot) const {
    return chunks_[slot >> kChunkBits][slot & (kChunk - 1)];
  }
  std::size_t size() const { return size_; }
  Slot add() {
    if (size_ == chunks_.size() * kChunk) {
      chunks_.push_back(std::make_unique<HeldEnvelope[]>(kChunk));
    }
    return static_cast<Slot>(size_++);
  }
  std::size_t memory_used() const {
    return chunks_.size() * kChunk * sizeof(HeldEnvelope) + chunks_.capacity() * sizeof(void*);
  }

 private:
  std::vector<std::unique_ptr<HeldEnvelope[]>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
