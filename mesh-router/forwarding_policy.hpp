// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "mesh-router/held_envelope.hpp"
#include "wire/envelope.hpp"

namespace chaski::mesh_router {

/// Who is offered what, and with how many hops and copies: the seam for other strategies.
///
/// Asked at the moment when an envelope could go into a frame. This one is epidemic: everything
/// that may still travel goes to everyone who lacks it.
class ForwardingPolicy {
 public:
  /// Whether it may travel at all; asked once, when it was committed.
  bool may_travel(const HeldEnvelope& held) const { return held.hops_left > 0; }
  /// Whether this neighbour, who is not known to have it, is offered it now.
  bool offers(const HeldEnvelope&, unsigned /*neighbour_bit*/) const { return true; }
  /// What stands beside the envelope when it goes.
  wire::CarryState hand_over(const HeldEnvelope& held, base::Time now) const {
    return {held.age_ms(now), static_cast<std::uint8_t>(held.hops_left - 1), held.copies};
  }
};

}  // namespace chaski::mesh_router
