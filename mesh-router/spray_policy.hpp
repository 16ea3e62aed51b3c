// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mesh-router/forwarding_policy.hpp"

namespace chaski::mesh_router {

/// Half of the copies go, the larger half stays.
inline Decision half_of(std::uint16_t copies) {
  const auto given = static_cast<std::uint16_t>(copies / 2);
  return {Offer::push, given, static_cast<std::uint16_t>(copies - given)};
}

/// Binary spray and wait (Spyropoulos, Psounis, Raghavendra, "Spray and wait", WDTN 2005): what is
/// written here starts with `start` copies; who has more than one gives half to whom they meet; who
/// has one waits for the recipient. As nobody knows who that is, the last copy is shown to all.
/// Receipts go to everyone.
class SprayPolicy : public ForwardingPolicy {
 public:
  explicit SprayPolicy(std::uint16_t start) : start_(start) {}
  void adopt(HeldEnvelope& held) override;
  Decision offer(SlotRef ref, const HeldEnvelope& held, const Contact& to,
                 base::Time now) override;

 private:
  std::uint16_t start_;
};
/// `user` points to the std::uint16_t of copies to start with.
std::unique_ptr<ForwardingPolicy> make_spray(base::Random& random, void* user);

}  // namespace chaski::mesh_router
