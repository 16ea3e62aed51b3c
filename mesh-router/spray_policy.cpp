// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/spray_policy.hpp"

namespace chaski::mesh_router {

void SprayPolicy::adopt(HeldEnvelope& held) {
  if (held.is_receipt || held.copies != 0) return;
  held.copies = held.local ? start_ : std::uint16_t{1};
}

Offer SprayPolicy::offer(SlotRef, HeldEnvelope& held, const Contact&, base::Time) {
  return held.is_receipt || held.copies > 1 ? Offer::push : Offer::show;
}

wire::CarryState SprayPolicy::hand_over(const HeldEnvelope& held, Offer how, base::Time now) const {
  if (how == Offer::show) return {held.age_ms(now), 0, held.copies};
  const auto hops = static_cast<std::uint8_t>(held.hops_left - 1);
  return {held.age_ms(now), hops, static_cast<std::uint16_t>(held.copies / 2)};
}

void SprayPolicy::sent(HeldEnvelope& held, Offer how, const wire::CarryState& state) {
  if (how == Offer::push) held.copies = static_cast<std::uint16_t>(held.copies - state.copies);
}

std::unique_ptr<ForwardingPolicy> make_spray(base::Random&, void* user) {
  return std::make_unique<SprayPolicy>(*static_cast<const std::uint16_t*>(user));
}

}  // namespace chaski::mesh_router
