// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "sim/results/trail.hpp"

namespace chaski::sim {

/// How far a run had come, and what all its nodes carried then.
struct RunMoment {
  base::Time at{};
  std::uint64_t delivered = 0;      ///< messages, until then
  std::uint64_t air_bytes = 0;      ///< until then
  std::uint64_t copies = 0;         ///< held at that time
  std::uint64_t carried_bytes = 0;  ///< with all that is kept beside them
};

/// Who was seen to hold one message, and when first; its author too.
struct MessageSpread {
  std::size_t message = 0;
  std::vector<std::pair<NodeIndex, base::Time>> seen;
};

/// What is noted of a run beside what came of its messages; it changes nothing of the run.
struct Recording {
  bool series = false;
  /// Of so many messages, spread over the plan, it is noted who had them and when first.
  std::uint32_t watched = 0;
  /// One message that is followed exactly.
  std::optional<TrailRequest> follow{};
  /// Called as often as a series has moments; what is left is from now to the end.
  std::function<void(base::Time now, std::uint64_t delivered)> progress{};
};

inline constexpr int kRunMoments = 360;

/// From one moment of a run that is so long to the next; the last is its end.
inline base::Duration moment_interval(base::Duration length) {
  return std::max<base::Duration>(length / kRunMoments, std::chrono::milliseconds(100));
}

/// Each message whose number this divides is watched, until there are enough; 0: none.
inline std::size_t watched_every(std::size_t messages, std::uint32_t watched) {
  return watched == 0 ? 0 : std::max<std::size_t>(1, messages / watched);
}

}  // namespace chaski::sim
