// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "transport-ble/ble_link_manager.hpp"

namespace chaski::transport_ble {

/// What a radio is to know of its node: what it holds, and how much of a hurry there is.
class WishMaker {
 public:
  using Wishes = BleLinkManager::Wishes;
  /// Something waits to go for so long after something came.
  static constexpr base::Duration kHurry = std::chrono::seconds(60);

  /// The wishes when they are others than at the last call. `held`: Router::held_sum().
  std::optional<Wishes> look(const std::array<std::uint64_t, 2>& held, bool asking,
                             bool on_battery, base::Time now);
  /// When look() may say something else though nothing happens.
  std::optional<base::Time> hurry_ends() const;

 private:
  std::optional<Wishes> told_;
  std::optional<base::Time> changed_;  ///< when what is held changed
};

}  // namespace chaski::transport_ble
