// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "node/body_pool.hpp"
#include "sim/node_index.hpp"
#include "wire/envelope.hpp"

namespace chaski::sim {

/// Over how many links each message came to every node that ever had it: a byte for each.
class Ways {
 public:
  /// The most that is told apart; a longer way counts as this.
  static constexpr std::uint32_t kHopsMax = 253;

  /// Messages and nodes are numbered from 0 up to these.
  Ways(std::size_t messages, std::size_t nodes) : nodes_(nodes), hops_(messages) {}

  /// `author` wrote it; it is this envelope. Once for each message.
  void written(std::size_t message, NodeIndex author, const wire::EnvelopeId& id);
  /// `node` has taken this envelope from `giver`, if that is known; others than of messages are of
  /// no account. Only the first time counts.
  void taken(NodeIndex node, std::optional<NodeIndex> giver, const wire::EnvelopeId& id);

  /// Links on the way to `node`; 0: it wrote it itself, never had it, or the way is not known.
  std::uint32_t hops(std::size_t message, NodeIndex node) const;
  /// Nodes that ever had it but `reader`; its author counts. At least 1.
  std::uint32_t carriers(std::size_t message, NodeIndex reader) const;

 private:
  // Of each node: nothing, or one more than the links on the way.
  static constexpr std::uint8_t kNever = 0;
  static constexpr std::uint8_t kHere = 1;
  static constexpr std::uint8_t kUnknownWay = 0xFF;
  static_assert(kHere + kHopsMax < kUnknownWay);

  std::size_t nodes_;
  std::vector<std::vector<std::uint8_t>> hops_;  ///< by message; of those not written, empty
  std::unordered_map<wire::EnvelopeId, std::size_t, node::EnvelopeIdHash> messages_;
};

}  // namespace chaski::sim
