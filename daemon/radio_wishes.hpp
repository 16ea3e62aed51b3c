// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "node/node.hpp"
#include "transport-ble/transport.hpp"

namespace chaski::daemon {

/// What the radio is to know of the node: what it holds, and how much of a hurry there is.
class RadioWishes {
 public:
  using Wishes = transport_ble::BleTransport::Wishes;
  /// Something waits to go for so long after something came.
  static constexpr base::Duration kHurry = std::chrono::seconds(60);
  /// The battery is looked at so often.
  static constexpr base::Duration kLookEvery = std::chrono::seconds(30);

  /// The wishes when they are others than at the last call. `on_battery`: what the config says.
  std::optional<Wishes> look(node::Node& node, std::optional<bool> on_battery, base::Time now);

 private:
  std::optional<Wishes> told_;
  std::optional<base::Time> changed_;  ///< when what is held changed
  std::optional<base::Time> looked_;
  bool on_battery_ = false;
};

}  // namespace chaski::daemon
