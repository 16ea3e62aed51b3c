// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "mesh-router/held_envelope.hpp"

namespace chaski::mesh_router {

/// What one neighbour lacks of what was held when it came, in a queue for each turn of each lane;
/// within one fewest copies first, then in the order of arrival.
///
/// Copies are those that this node knows of: neighbours that have it, or were sent it. They count
/// as they were when the envelope was put in. What was erased since then, or went another way, is
/// still here until it comes to the top: the reader sees to that. Nothing is allocated while empty;
/// 16 bytes for each envelope.
class ContactSchedule {
 public:
  void push(SlotRef envelope, const HeldEnvelope& held);
  /// The turns of this lane that have something, a bit for each.
  std::uint32_t waiting(Lane lane) const { return waiting_[static_cast<std::size_t>(lane)]; }
  /// The first of a turn that has something.
  SlotRef top(Lane lane, std::size_t turn) const;
  void pop(Lane lane, std::size_t turn);
  /// How many go before this one in its turn, should it be here. Looks at all of the turn.
  std::optional<std::size_t> place_of(SlotRef envelope, const HeldEnvelope& held) const;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// Of the entries.
  std::size_t memory_used() const;

 private:
  struct Entry {
    std::uint64_t urgency;  ///< the largest goes first
    SlotRef envelope;
  };
  static bool later(const Entry& a, const Entry& b) { return a.urgency < b.urgency; }

  struct Queue {
    std::size_t number;
    std::vector<Entry> heap;
  };
  std::size_t find(std::size_t number) const;

  std::vector<Queue> queues_;  // none is empty, ascending
  std::array<std::uint32_t, kLanes> waiting_{};
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
