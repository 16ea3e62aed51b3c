// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/expiry_tree.hpp"

#include <algorithm>
#include <bit>

namespace chaski::mesh_router {

void ExpiryTree::set(std::size_t block, base::Time time) {
  std::size_t node = leaves_ + block;
  nodes_[node] = time;
  while (node > 1) {
    node /= 2;
    const base::Time earlier = std::min(nodes_[2 * node], nodes_[2 * node + 1]);
    if (nodes_[node] == earlier) break;
    nodes_[node] = earlier;
  }
}

std::size_t ExpiryTree::first_block() const {
  std::size_t node = 1;
  while (node < leaves_) node = nodes_[2 * node] == nodes_[node] ? 2 * node : 2 * node + 1;
  return node - leaves_;
}

void ExpiryTree::grow(std::size_t block) {
  const std::size_t leaves = std::bit_ceil(block + 1);
  std::vector<base::Time> nodes(2 * leaves, kNever);
  for (std::size_t i = 0; i < leaves_; ++i) nodes[leaves + i] = nodes_[leaves_ + i];
  for (std::size_t node = leaves - 1; node > 0; --node) {
    nodes[node] = std::min(nodes[2 * node], nodes[2 * node + 1]);
  }
  nodes_ = std::move(nodes);
  leaves_ = leaves;
}

}  // namespace chaski::mesh_router
