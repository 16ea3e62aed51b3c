// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/relay_lanes.hpp"

#include <bit>

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {
std::size_t queue_of(Lane lane, std::size_t turn) {
  return static_cast<std::size_t>(lane) * kTurns + turn;
}
std::size_t queue_of(const HeldEnvelope& held) { return queue_of(held.lane(), held.turn()); }

/// One half of an id as a number, the same on every machine.
std::uint64_t half_of(const wire::EnvelopeId& id, std::size_t half) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | id.bytes[8 * half + i];
  return value;
}
}  // namespace

RelayLanes::RelayLanes(EnvelopeTable& table) : table_(table) {
  first_.fill(kNoSlot);
  last_.fill(kNoSlot);
}

void RelayLanes::append(Slot slot) {
  HeldEnvelope& held = table_.at(slot);
  CHASKI_ASSERT(held.live && !held.in_lane);
  const std::size_t queue = queue_of(held);
  held.in_lane = true;
  held.lane_next = kNoSlot;
  held.lane_previous = last_[queue];
  if (last_[queue] == kNoSlot) {
    first_[queue] = slot;
  } else {
    table_.at(last_[queue]).lane_next = slot;
  }
  last_[queue] = slot;
  used_[queue / kTurns] |= 1u << queue % kTurns;
  ++size_;
  for (std::size_t half = 0; half < sum_.size(); ++half) sum_[half] += half_of(held.id, half);
}

void RelayLanes::remove(Slot slot) {
  HeldEnvelope& held = table_.at(slot);
  CHASKI_ASSERT(held.live && held.in_lane);
  const std::size_t queue = queue_of(held);
  for (LaneCursors* cursors : cursors_) {
    if (cursors->at[queue] == slot) cursors->at[queue] = held.lane_previous;
  }
  Slot& next_link =
      held.lane_previous == kNoSlot ? first_[queue] : table_.at(held.lane_previous).lane_next;
  Slot& previous_link =
      held.lane_next == kNoSlot ? last_[queue] : table_.at(held.lane_next).lane_previous;
  next_link = held.lane_next;
  previous_link = held.lane_previous;
  if (first_[queue] == kNoSlot) used_[queue / kTurns] &= ~(1u << queue % kTurns);
  held.in_lane = false;
  --size_;
  for (std::size_t half = 0; half < sum_.size(); ++half) sum_[half] -= half_of(held.id, half);
}

Slot RelayLanes::peek(const LaneCursors& cursors, Lane lane, std::size_t turn) const {
  const std::size_t queue = queue_of(lane, turn);
  const Slot cursor = cursors.at[queue];
  if (cursor == last_[queue]) return kNoSlot;
  return cursor == kNoSlot ? first_[queue] : table_.at(cursor).lane_next;
}

void RelayLanes::advance(LaneCursors& cursors, Slot slot) const {
  cursors.at[queue_of(table_.at(slot))] = slot;
}

std::uint32_t RelayLanes::waiting(const LaneCursors& cursors, Lane lane) const {
  std::uint32_t turns = 0;
  for (std::uint32_t left = used_[static_cast<std::size_t>(lane)]; left != 0; left &= left - 1) {
    const auto turn = static_cast<std::size_t>(std::countr_zero(left));
    const std::size_t queue = queue_of(lane, turn);
    if (cursors.at[queue] != last_[queue]) turns |= 1u << turn;
  }
  return turns;
}

LaneCursors RelayLanes::ends() const {
  LaneCursors cursors;
  cursors.at = last_;
  return cursors;
}

std::size_t RelayLanes::count_after(const LaneCursors& cursors) const {
  std::size_t count = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const std::size_t enough = count + kCountMax;
    for (auto left = waiting(cursors, static_cast<Lane>(lane)); left != 0; left &= left - 1) {
      const auto turn = static_cast<std::size_t>(std::countr_zero(left));
      Slot slot = peek(cursors, static_cast<Lane>(lane), turn);
      for (; slot != kNoSlot && count < enough; slot = table_.at(slot).lane_next) ++count;
    }
  }
  return count;
}

}  // namespace chaski::mesh_router
