// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mesh-router/envelope_table.hpp"

namespace chaski::mesh_router {

/// A lane has a queue for each turn.
inline constexpr std::size_t kLaneQueues = kLanes * kTurns;

/// How far one neighbour got in each queue: the last slot that was looked at, kNoSlot for none yet.
struct LaneCursors {
  std::array<Slot, kLaneQueues> at;
  LaneCursors() { at.fill(kNoSlot); }
};

/// The queues to all neighbours at once: in each lane one list for each turn in the order of
/// arrival, threaded through the slots, and a cursor for each neighbour.
///
/// A new envelope costs the same whether one or 64 neighbours are there, link-up costs nothing, and
/// an erased envelope is gone from every queue at once. In the lanes is what is committed and may
/// still travel.
class RelayLanes {
 public:
  static constexpr std::size_t kCountMax = 1'024;
  explicit RelayLanes(EnvelopeTable& table);

  /// Cursors must be attached while they are in use, and detached before they are gone.
  void attach(LaneCursors& cursors) { cursors_.push_back(&cursors); }
  void detach(LaneCursors& cursors) { std::erase(cursors_, &cursors); }

  void append(Slot slot);
  /// Takes it out; cursors that stand on it step back to the one before.
  void remove(Slot slot);
  /// The one after the cursor, or kNoSlot at the end.
  Slot peek(const LaneCursors& cursors, Lane lane, std::size_t turn) const;
  void advance(LaneCursors& cursors, Slot slot) const;
  /// The turns for which peek() has something, a bit for each.
  std::uint32_t waiting(const LaneCursors& cursors, Lane lane) const;
  /// Cursors behind everything that is there now.
  LaneCursors ends() const;
  std::size_t size() const { return size_; }
  /// The sum of the ids, each half by itself, modulo 2^64: equal for equal sets, in any order.
  const std::array<std::uint64_t, 2>& sum() const { return sum_; }
  /// How many are behind these cursors, counted to kCountMax in each lane.
  std::size_t count_after(const LaneCursors& cursors) const;

 private:
  EnvelopeTable& table_;
  std::vector<LaneCursors*> cursors_;
  std::array<Slot, kLaneQueues> first_;
  std::array<Slot, kLaneQueues> last_;
  std::array<std::uint32_t, kLanes> used_{};  // queues with something, a bit for each turn
  std::size_t size_ = 0;
  std::array<std::uint64_t, 2> sum_{};
};

}  // namespace chaski::mesh_router
