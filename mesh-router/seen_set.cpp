// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/seen_set.hpp"

namespace chaski::mesh_router {

namespace {

std::int64_t steps_of(base::Time time) {
  return std::chrono::floor<SeenSet::Steps>(time.time_since_epoch()).count();
}

/// What is left of any number of steps, from 0 to kTimes - 1.
std::int64_t round_of(std::int64_t steps) {
  return (steps % SeenSet::kTimes + SeenSet::kTimes) % SeenSet::kTimes;
}

}  // namespace

void SeenSet::put(std::uint64_t hash, std::optional<base::Time> time) {
  const auto stamp = static_cast<std::uint64_t>(time ? round_of(steps_of(*time)) + 1 : 0);
  erase(hash);
  table_.insert({key_of(hash) | stamp << kHashBits});
}

bool SeenSet::erase(std::uint64_t hash) {
  const Entry* entry = find(hash);
  if (entry == nullptr) return false;
  table_.erase(entry);
  return true;
}

std::optional<base::Time> SeenSet::time_of(std::uint64_t hash, base::Time now) const {
  const Entry* entry = find(hash);
  const auto stamp = static_cast<std::int64_t>(entry == nullptr ? 0 : entry->bits >> kHashBits);
  if (stamp == 0) return std::nullopt;
  const std::int64_t steps = steps_of(now);
  return base::Time{Steps{steps - round_of(steps - (stamp - 1))}};
}

}  // namespace chaski::mesh_router
