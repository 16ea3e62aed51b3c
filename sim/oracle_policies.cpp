// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle_policies.hpp"

namespace chaski::sim {

namespace {

using mesh_router::Contact;
using mesh_router::HeldEnvelope;
using mesh_router::Offer;

class DirectPolicy final : public mesh_router::ForwardingPolicy {
 public:
  explicit DirectPolicy(const Destinations& destinations) : destinations_(destinations) {}
  Offer offer(mesh_router::SlotRef, HeldEnvelope& held, const Contact& to, base::Time) override {
    return held.is_receipt || destinations_.of(held.id) == to.id ? Offer::push : Offer::withhold;
  }
  wire::CarryState hand_over(const HeldEnvelope& held, Offer, base::Time now) const override {
    return {held.age_ms(now), static_cast<std::uint8_t>(held.hops_left - 1), 1};
  }

 private:
  const Destinations& destinations_;
};

}  // namespace

std::unique_ptr<mesh_router::ForwardingPolicy> make_direct(base::Random&, void* user) {
  return std::make_unique<DirectPolicy>(*static_cast<const Destinations*>(user));
}

}  // namespace chaski::sim
