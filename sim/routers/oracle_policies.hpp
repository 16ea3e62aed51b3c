// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "mesh-router/forwarding_policy.hpp"

namespace chaski::sim {

/// Who an envelope is for: what no router knows, and strategies of the literature take for granted.
/// Policies that ask it exist in the simulator only, to compare with.
struct Destinations {
  std::function<std::optional<mesh_router::NeighbourId>(const wire::EnvelopeId&)> of;
};

/// Only the author carries, and gives to the recipient only. `user` points to the Destinations.
std::unique_ptr<mesh_router::ForwardingPolicy> make_direct(base::Random& random, void* user);

}  // namespace chaski::sim
