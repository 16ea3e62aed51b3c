// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "transport-ble/ble_types.hpp"

namespace chaski::transport_ble {

/// One place for a link.
struct Slot {
  enum class State { kDialling, kOpen, kClosing };
  State state = State::kOpen;
  bool ours = false;  ///< we dialled
  std::optional<Tag> tag;
  std::optional<Neighbour> neighbour;  ///< authenticated
  base::Time since{};
  base::Time last_carried{};
  bool waiting = false;  ///< something waits to go there
  base::Time next_hang_up{};
  int hang_ups = 0;
};

/// The links of an adapter, within its budget (ble.md, section 6).
///
/// Rules: (1) never more slots than the budget, dials included. (2) Of links that we did not dial
/// and that are not authenticated, at most a quarter of the budget, and one. (3) A slot goes when
/// its device is not connected any more, not when it was told to go. (4) give_way() names the link
/// whose turn is over: idle for kIdleTurn after kShortTurn, or open for kLongTurn; first who has
/// nothing waiting, then who is open the longest.
class SlotTable {
 public:
  explicit SlotTable(std::size_t budget);

  bool full() const { return slots_.size() >= budget_; }
  std::size_t size() const { return slots_.size(); }
  std::size_t budget() const { return budget_; }
  std::size_t open() const;
  /// Whether a link that somebody else dialled may have a place.
  bool room_for_stranger() const;
  Slot* find(Device device);
  const Slot* find(Device device) const;
  /// The device has no slot yet, and the table is not full.
  Slot& take(Device device, Slot::State state, bool ours, base::Time now);
  void free(Device device) { slots_.erase(device); }
  void clear() { slots_.clear(); }

  std::optional<Device> give_way(base::Time now) const;
  /// When give_way() may name one that it does not name now.
  std::optional<base::Time> next_give_way(base::Time now) const;
  bool is_neighbour(const Neighbour& neighbour, Device but) const;

  std::map<Device, Slot>& all() { return slots_; }
  const std::map<Device, Slot>& all() const { return slots_; }

 private:
  static base::Time turn_over(const Slot& slot);

  std::size_t budget_;
  std::map<Device, Slot> slots_;
};

}  // namespace chaski::transport_ble
