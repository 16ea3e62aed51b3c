// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "base/random.hpp"
#include "wire/limits.hpp"

namespace chaski::mesh_router {

/// Highest steps in which fewer and fewer begin: each has half of the one below.
inline constexpr unsigned kRareHops = 6;

/// Hops with which an envelope leaves where it was made: uniform in [min, kHopsMax - kRareHops],
/// and so many more as heads come in a row, kRareHops at most. Only kHopsMax itself tells a
/// neighbour that nobody was before: that is one in 64 x (kHopsMax - kRareHops - min + 1).
inline std::uint8_t initial_hops(base::Random& random, std::uint8_t min) {
  constexpr std::uint64_t kFlat = wire::kHopsMax - kRareHops;
  const std::uint64_t flat = min + random.below(kFlat - min + 1);
  const std::uint64_t stop = std::uint64_t{1} << kRareHops;
  const auto heads = static_cast<std::uint64_t>(std::countr_zero(random.below(stop) | stop));
  return static_cast<std::uint8_t>(flat + heads);
}

}  // namespace chaski::mesh_router
