// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mesh-router/envelope_table.hpp"

namespace chaski::mesh_router {

/// How far one neighbour got in each lane: the last slot that was looked at, kNoSlot for none yet.
struct LaneCursors {
  std::array<Slot, kLanes> at;
  LaneCursors() { rewind(); }
  void rewind() { at.fill(kNoSlot); }
};

/// The queues to all neighbours at once: one list a lane in the order of arrival, threaded through
/// the slots, and a cursor for each neighbour.
///
/// A new envelope costs the same whether one or 64 neighbours are there, link-up costs nothing, and
/// an erased envelope is gone from every queue at once. In the lanes is what is committed and may
/// still travel.
class RelayLanes {
 public:
  explicit RelayLanes(EnvelopeTable& table);

  /// Cursors must be attached while they are in use, and detached before they are gone.
  void attach(LaneCursors& cursors) { cursors_.push_back(&cursors); }
  void detach(LaneCursors& cursors) { std::erase(cursors_, &cursors); }

  void append(Slot slot);
  /// Takes it out; cursors that stand on it step back to the one before.
  void remove(Slot slot);
  /// The one after the cursor, or kNoSlot at the end.
  Slot peek(const LaneCursors& cursors, Lane lane) const;
  void advance(LaneCursors& cursors, Slot slot) const;
  /// Cursors behind everything that is there now.
  LaneCursors ends() const;
  std::size_t size() const { return size_; }

 private:
  EnvelopeTable& table_;
  std::vector<LaneCursors*> cursors_;
  std::array<Slot, kLanes> first_;
  std::array<Slot, kLanes> last_;
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
