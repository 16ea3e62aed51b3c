// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "base/random.hpp"
#include "sim/node_index.hpp"
#include "sim/radio/ble_parameters.hpp"
#include "transport-ble/ble_link_manager.hpp"
#include "transport-ble/ble_wishes.hpp"

namespace chaski::sim {

/// Somebody within range of an adapter.
struct InRange {
  NodeIndex other = 0;
  std::uint32_t heard_version = 0;  ///< of what it advertises
  base::Time heard_at{};
  base::Time next_hearing = base::Time::max();  ///< planned
  transport_ble::Device dialled{};              ///< an address of its that BlueZ knows
};

/// One adapter and what it is doing.
struct BleAdapter {
  BleAdapter(std::size_t slots, std::uint64_t seed) : random(seed), manager(slots, random) {}

  base::SeededRandom random;
  transport_ble::BleLinkManager manager;
  transport_ble::WishMaker wishes;
  bool on_battery = false;
  bool turned_on = false;
  bool silent = false;   ///< all the same, for a while
  bool powered = false;  ///< turned on and not silent

  bool scanning = false;
  base::Time scanning_since{};
  std::optional<transport_ble::Command> on_air;
  base::Time on_air_since{};
  std::uint32_t version = 0;  ///< of what is on the air; 0: nothing ever was
  transport_ble::Device address{};
  std::optional<transport_ble::Command> dial;  ///< that goes on
  base::Time dialling_since{};
  bool pumping = false;

  std::vector<InRange> near;  ///< ascending
  std::vector<std::uint32_t> connections;
  base::Time wake_at = base::Time::max();
  BleUse use;

  InRange* find(NodeIndex other);
  bool add(NodeIndex other);
  void remove(NodeIndex other);
  void stop_scanning(base::Time now);
  void stop_advertising(base::Time now);
  void stop_dialling(base::Time now);
};

}  // namespace chaski::sim
