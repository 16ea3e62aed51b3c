// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/forwarding_policy.hpp"

namespace chaski::mesh_router {

wire::CarryState EpidemicPolicy::hand_over(const HeldEnvelope& held, Offer, base::Time now) const {
  return {held.age_ms(now), static_cast<std::uint8_t>(held.hops_left - 1), held.copies};
}

std::unique_ptr<ForwardingPolicy> make_epidemic(base::Random&, void*) {
  return std::make_unique<EpidemicPolicy>();
}

}  // namespace chaski::mesh_router
