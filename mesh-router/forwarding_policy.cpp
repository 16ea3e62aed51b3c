// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/forwarding_policy.hpp"

namespace chaski::mesh_router {

wire::CarryState carry_state(const HeldEnvelope& held, const Decision& decision, base::Time now) {
  const int hops = decision.offer == Offer::show ? 0 : held.hops_left - 1;
  return {held.age_ms(now), static_cast<std::uint8_t>(hops), decision.given};
}

std::unique_ptr<ForwardingPolicy> make_epidemic(base::Random&, void*) {
  return std::make_unique<EpidemicPolicy>();
}

}  // namespace chaski::mesh_router
