// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/small.hpp"

namespace chaski::mesh_router {

/// Whether this node announces envelopes to neighbours instead of sending them: not on a small
/// board, whose few neighbours are all pushed to (RegimePolicy::kFloodAllUpTo).
inline constexpr bool kAnnounces = !base::kSmall;

}  // namespace chaski::mesh_router
