// SPDX-License-Identifier: Apache-2.0
#include "node/origin.hpp"

#include "wire/limits.hpp"

namespace chaski::node {

static_assert(kLifetimeClasses_s.back() == wire::kLifetimeMax_s);
static_assert(kInitialHopsMax <= wire::kHopsMax);

std::optional<std::uint32_t> lifetime_class(std::uint32_t lifetime_s) {
  if (lifetime_s == 0) return std::nullopt;
  for (std::uint32_t lifetime : kLifetimeClasses_s)
    if (lifetime_s <= lifetime) return lifetime;
  return std::nullopt;
}

wire::CarryState initial_carry_state(base::Random& random) {
  const std::uint64_t hops = kInitialHopsMin + random.below(kInitialHopsMax - kInitialHopsMin + 1);
  return {.age_ms = random.below(kInitialAgeMax_ms),
          .hops_left = static_cast<std::uint8_t>(hops),
          .copies = 0};
}

}  // namespace chaski::node
