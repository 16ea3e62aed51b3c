// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "mesh-router/spray_policy.hpp"

namespace chaski::sim {

/// Binary spray whose last copy is set free when it was shown kPatience times in vain. To compare
/// with: the copies that stand beside an envelope tell how far it came.
class PatientSpray final : public mesh_router::SprayPolicy {
 public:
  static constexpr unsigned kPatience = 7;

  using SprayPolicy::SprayPolicy;

  mesh_router::Decision offer(mesh_router::SlotRef ref, const mesh_router::HeldEnvelope& held,
                              const mesh_router::Contact& to, base::Time now) override {
    if (held.copies == 0) return {mesh_router::Offer::push, 0, 0};
    return SprayPolicy::offer(ref, held, to, now);
  }
  void adopt(mesh_router::HeldEnvelope& held) override {
    if (held.local) SprayPolicy::adopt(held);
  }
  void shown(mesh_router::HeldEnvelope& held) override {
    held.shown = (held.shown + 1u) & 0xFu;
    if (held.shown < kPatience) return;
    held.shown = 0;
    held.set_copies(0);
  }
};

}  // namespace chaski::sim
