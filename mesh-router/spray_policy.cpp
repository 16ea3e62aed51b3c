// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/spray_policy.hpp"

namespace chaski::mesh_router {

void SprayPolicy::adopt(HeldEnvelope& held) {
  if (held.is_receipt || held.copies != 0) return;
  held.set_copies(held.local ? start_ : 1u);
}

Decision SprayPolicy::offer(SlotRef, const HeldEnvelope& held, const Contact&, base::Time) {
  if (held.is_receipt) return {Offer::push, 0, 0};
  return held.copies > 1 ? half_of(held.copies) : Decision{Offer::show, 1, 1};
}

std::unique_ptr<ForwardingPolicy> make_spray(base::Random&, void* user) {
  return std::make_unique<SprayPolicy>(*static_cast<const std::uint16_t*>(user));
}

}  // namespace chaski::mesh_router
