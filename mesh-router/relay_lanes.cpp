// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/relay_lanes.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {
std::size_t index_of(Lane lane) { return static_cast<std::size_t>(lane); }
}  // namespace

RelayLanes::RelayLanes(EnvelopeTable& table) : table_(table) {
  first_.fill(kNoSlot);
  last_.fill(kNoSlot);
}

void RelayLanes::append(Slot slot) {
  HeldEnvelope& held = table_.at(slot);
  CHASKI_ASSERT(held.live && !held.in_lane);
  const std::size_t lane = index_of(held.lane());
  held.in_lane = true;
  held.lane_next = kNoSlot;
  held.lane_previous = last_[lane];
  if (last_[lane] == kNoSlot) {
    first_[lane] = slot;
  } else {
    table_.at(last_[lane]).lane_next = slot;
  }
  last_[lane] = slot;
  ++size_;
}

void RelayLanes::remove(Slot slot) {
  HeldEnvelope& held = table_.at(slot);
  CHASKI_ASSERT(held.live && held.in_lane);
  const std::size_t lane = index_of(held.lane());
  for (LaneCursors* cursors : cursors_) {
    if (cursors->at[lane] == slot) cursors->at[lane] = held.lane_previous;
  }
  Slot& next_link =
      held.lane_previous == kNoSlot ? first_[lane] : table_.at(held.lane_previous).lane_next;
  Slot& previous_link =
      held.lane_next == kNoSlot ? last_[lane] : table_.at(held.lane_next).lane_previous;
  next_link = held.lane_next;
  previous_link = held.lane_previous;
  held.in_lane = false;
  --size_;
}

Slot RelayLanes::peek(const LaneCursors& cursors, Lane lane) const {
  const Slot cursor = cursors.at[index_of(lane)];
  return cursor == kNoSlot ? first_[index_of(lane)] : table_.at(cursor).lane_next;
}

void RelayLanes::advance(LaneCursors& cursors, Slot slot) const {
  cursors.at[index_of(table_.at(slot).lane())] = slot;
}

LaneCursors RelayLanes::ends() const {
  LaneCursors cursors;
  cursors.at = last_;
  return cursors;
}

}  // namespace chaski::mesh_router
