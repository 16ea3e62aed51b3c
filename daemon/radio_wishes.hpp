// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "node/node.hpp"
#include "transport-ble/ble_wishes.hpp"

namespace chaski::daemon {

/// What the radio is to know of the node: what it holds, and how much of a hurry there is.
class RadioWishes {
 public:
  using Wishes = transport_ble::WishMaker::Wishes;
  static constexpr base::Duration kHurry = transport_ble::WishMaker::kHurry;
  /// The battery is looked at so often.
  static constexpr base::Duration kLookEvery = std::chrono::seconds(30);

  /// The wishes when they are others than at the last call. `on_battery`: what the config says.
  std::optional<Wishes> look(node::Node& node, std::optional<bool> on_battery, base::Time now);

 private:
  transport_ble::WishMaker maker_;
  std::optional<base::Time> looked_;
  bool on_battery_ = false;
};

}  // namespace chaski::daemon
