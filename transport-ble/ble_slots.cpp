// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_slots.hpp"

#include <algorithm>
#include <tuple>

#include "base/assert.hpp"

namespace chaski::transport_ble {

SlotTable::SlotTable(std::size_t budget) : budget_(budget) {
  CHASKI_ASSERT(budget >= 1 && budget <= kBudgetMax);
}

std::size_t SlotTable::open() const {
  return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), [](const auto& item) {
    return item.second.state == Slot::State::kOpen;
  }));
}

bool SlotTable::room_for_stranger() const {
  const auto strangers =
      static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), [](const auto& item) {
        return !item.second.ours && !item.second.neighbour;
      }));
  return !full() && strangers < std::max<std::size_t>(1, budget_ / 4);
}

Slot* SlotTable::find(Device device) {
  const auto it = slots_.find(device);
  return it == slots_.end() ? nullptr : &it->second;
}

const Slot* SlotTable::find(Device device) const {
  const auto it = slots_.find(device);
  return it == slots_.end() ? nullptr : &it->second;
}

Slot& SlotTable::take(Device device, Slot::State state, bool ours, base::Time now) {
  CHASKI_ASSERT(!full() && !slots_.contains(device));
  Slot& slot = slots_[device];
  slot.state = state;
  slot.ours = ours;
  slot.since = now;
  slot.last_carried = now;
  return slot;
}

base::Time SlotTable::turn_over(const Slot& slot) {
  return std::min(std::max(slot.since + kShortTurn, slot.last_carried + kIdleTurn),
                  slot.since + kLongTurn);
}

std::optional<Device> SlotTable::give_way(base::Time now) const {
  const auto order = [](const Slot& slot) { return std::tuple(slot.waiting, slot.since); };
  std::optional<Device> first;
  const Slot* best = nullptr;
  for (const auto& [device, slot] : slots_) {
    if (slot.state != Slot::State::kOpen || turn_over(slot) > now) continue;
    if (best == nullptr || order(slot) < order(*best)) {
      best = &slot;
      first = device;
    }
  }
  return first;
}

std::optional<base::Time> SlotTable::next_give_way(base::Time now) const {
  std::optional<base::Time> soonest;
  for (const auto& [device, slot] : slots_) {
    const auto at = turn_over(slot);
    if (slot.state != Slot::State::kOpen || at <= now) continue;
    if (!soonest || at < *soonest) soonest = at;
  }
  return soonest;
}

bool SlotTable::is_neighbour(const Neighbour& neighbour, Device but) const {
  return std::any_of(slots_.begin(), slots_.end(), [&](const auto& item) {
    return item.first != but && item.second.neighbour == neighbour;
  });
}

}  // namespace chaski::transport_ble
