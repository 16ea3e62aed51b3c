// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "mesh-router/explanation.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// How a node's copy of a message ended.
enum class CopyEnd : std::uint8_t {
  held,       ///< it did not: the node had it at the end of the world
  read,       ///< its recipient's
  delivered,  ///< the node heard that it had arrived, and let it go
  expired,
  displaced,  ///< for want of room
  crashed,    ///< its process ended before it was saved
};
const char* to_string(CopyEnd end);

/// A message as one node had it, from when to when; a node that gets it again has another.
struct TrailCopy {
  NodeIndex node = 0;
  std::optional<std::size_t> from;  ///< the copy that it was made of; nothing: the author's
  base::Time since{};
  std::optional<base::Time> until;  ///< nothing: held to the end
  CopyEnd end = CopyEnd::held;
};

/// A contact in which a message might have crossed from one node to another, and what became of it.
struct TrailContact {
  NodeIndex from = 0;
  NodeIndex to = 0;
  base::Time begin{};
  base::Time end{};
  // Filled while the message is followed.
  std::optional<base::Time> linked;  ///< when the two first had a link in it
  /// Why it did not cross, as was last so while `from` held it and they were linked.
  std::optional<mesh_router::Withheld> withheld;
  std::optional<base::Time> off;  ///< when one of them was first seen switched off in it
};

/// What there is to follow.
struct TrailRequest {
  std::size_t message = 0;  ///< in the plan
  std::vector<TrailContact> contacts;
};

/// What the nodes of a run did with one message, exactly.
struct Trail {
  std::string not_written;           ///< why it was not; empty: it was, or its time did not come
  std::vector<TrailCopy> copies;     ///< in the order in which they came to be, the author's first
  std::optional<std::size_t> first;  ///< the copy that the recipient read first
  std::vector<TrailContact> contacts;
};

/// The copies by which that one came, the author's first.
std::vector<std::size_t> way_of(const Trail& trail, std::size_t copy);

}  // namespace chaski::sim
