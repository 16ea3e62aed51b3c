// SPDX-License-Identifier: Apache-2.0
#include "daemon/radio_wishes.hpp"

#include "daemon/power_supply.hpp"

namespace chaski::daemon {
namespace {

transport_ble::Digest digest_of(const std::array<std::uint64_t, 2>& sum) {
  transport_ble::Digest digest;
  std::size_t at = 0;
  for (const std::uint64_t half : sum) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      digest.bytes[at++] = static_cast<std::uint8_t>(half >> shift);
    }
  }
  return digest;
}

}  // namespace

std::optional<RadioWishes::Wishes> RadioWishes::look(node::Node& node,
                                                     std::optional<bool> on_battery,
                                                     base::Time now) {
  if (!looked_ || now - *looked_ >= kLookEvery) {
    looked_ = now;
    on_battery_ = runs_on_battery();
  }
  Wishes wishes;
  wishes.held = digest_of(node.router().held_sum());
  wishes.asking = node.pairing(now).phase == node::PairingPhase::running;
  wishes.on_battery = on_battery.value_or(on_battery_);
  if (told_ && told_->held != wishes.held) changed_ = now;
  wishes.waiting = changed_ && now - *changed_ < kHurry;
  if (told_ == wishes) return std::nullopt;
  told_ = wishes;
  return wishes;
}

}  // namespace chaski::daemon
