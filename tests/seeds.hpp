// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace chaski::test {

/// The seeds of a randomized test: 1 to `how_many`; CHASKI_SEED=n replays one, CHASKI_SEEDS=n runs
/// so many.
inline std::vector<std::uint64_t> seeds(std::uint64_t how_many) {
  if (const char* replay = std::getenv("CHASKI_SEED")) return {std::strtoull(replay, nullptr, 10)};
  if (const char* more = std::getenv("CHASKI_SEEDS")) how_many = std::strtoull(more, nullptr, 10);
  std::vector<std::uint64_t> out;
  for (std::uint64_t seed = 1; seed <= how_many; ++seed) out.push_back(seed);
  return out;
}

}  // namespace chaski::test
