// SPDX-License-Identifier: Apache-2.0
#include "sim/routers/oracle_policies.hpp"

namespace chaski::sim {

namespace {

using mesh_router::Contact;
using mesh_router::Decision;
using mesh_router::HeldEnvelope;
using mesh_router::Offer;

class DirectPolicy final : public mesh_router::ForwardingPolicy {
 public:
  explicit DirectPolicy(const Destinations& destinations) : destinations_(destinations) {}
  Decision offer(mesh_router::SlotRef, const HeldEnvelope& held, const Contact& to,
                 base::Time) override {
    const bool goes = held.is_receipt || destinations_.of(held.id) == to.id;
    return {goes ? Offer::push : Offer::withhold, held.copies, held.copies};
  }

 private:
  const Destinations& destinations_;
};

}  // namespace

std::unique_ptr<mesh_router::ForwardingPolicy> make_direct(base::Random&, void* user) {
  return std::make_unique<DirectPolicy>(*static_cast<const Destinations*>(user));
}

}  // namespace chaski::sim
