// SPDX-License-Identifier: Apache-2.0
#include "node/origin.hpp"

#include "mesh-router/initial_hops.hpp"
#include "wire/limits.hpp"

namespace chaski::node {

static_assert(kLifetimeClasses_s.back() == wire::kLifetimeMax_s);
static_assert(kInitialHopsMax == wire::kHopsMax);

std::optional<std::uint32_t> lifetime_class(std::uint32_t lifetime_s) {
  if (lifetime_s == 0) return std::nullopt;
  for (std::uint32_t lifetime : kLifetimeClasses_s)
    if (lifetime_s <= lifetime) return lifetime;
  return std::nullopt;
}

wire::CarryState initial_carry_state(base::Random& random) {
  const std::uint64_t half_ms = kInitialAgeMax_ms / 2;
  const std::uint64_t age_ms = random.below(half_ms) + random.below(half_ms);
  return {.age_ms = age_ms,
          .hops_left = mesh_router::initial_hops(random, kInitialHopsMin),
          .copies = 0};
}

}  // namespace chaski::node
