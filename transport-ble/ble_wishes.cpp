// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_wishes.hpp"

namespace chaski::transport_ble {
namespace {

Digest digest_of(const std::array<std::uint64_t, 2>& sum) {
  Digest digest;
  std::size_t at = 0;
  for (const std::uint64_t half : sum) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      digest.bytes[at++] = static_cast<std::uint8_t>(half >> shift);
    }
  }
  return digest;
}

}  // namespace

std::optional<WishMaker::Wishes> WishMaker::look(const std::array<std::uint64_t, 2>& held,
                                                 bool asking, bool on_battery, base::Time now) {
  Wishes wishes;
  wishes.held = digest_of(held);
  wishes.asking = asking;
  wishes.on_battery = on_battery;
  if (told_ && told_->held != wishes.held) changed_ = now;
  wishes.waiting = changed_ && now - *changed_ < kHurry;
  if (told_ == wishes) return std::nullopt;
  told_ = wishes;
  return wishes;
}

std::optional<base::Time> WishMaker::hurry_ends() const {
  if (!told_ || !told_->waiting) return std::nullopt;
  return *changed_ + kHurry;
}

}  // namespace chaski::transport_ble
