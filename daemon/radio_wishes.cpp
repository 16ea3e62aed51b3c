// SPDX-License-Identifier: Apache-2.0
#include "daemon/radio_wishes.hpp"

#include "daemon/power_supply.hpp"

namespace chaski::daemon {

std::optional<RadioWishes::Wishes> RadioWishes::look(node::Node& node,
                                                     std::optional<bool> on_battery,
                                                     base::Time now) {
  if (!looked_ || now - *looked_ >= kLookEvery) {
    looked_ = now;
    on_battery_ = runs_on_battery();
  }
  return maker_.look(node.router().held_sum(),
                     node.pairing(now).phase == node::PairingPhase::running,
                     on_battery.value_or(on_battery_), now);
}

}  // namespace chaski::daemon
