// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <utility>

#include "sim/world/world.hpp"

namespace chaski::sim {

/// Makes contacts of pairs who met weeks ago, one pair at a time for each node, and met again an
/// hour later for some seconds; then everybody is alone until nothing of it is under way anywhere.
/// The world's time begins anew.
///
/// What two who have met send each other in the first hour, an answer and a list of standing
/// invitations each, goes from hand to hand at the second meeting: nothing of it is left to
/// be carried. The world must be new: nodes, and nothing connected.
void acquaint_long_ago(World& world, std::span<const std::pair<NodeIndex, NodeIndex>> pairs);

}  // namespace chaski::sim
