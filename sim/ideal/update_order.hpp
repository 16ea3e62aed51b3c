// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/node_index.hpp"

namespace chaski::sim {

/// The order in which nodes are looked at, which is shuffled for each look.
///
/// The shuffle is seeded by the second, so all looks of one second shuffle alike: what so many of
/// them lead to is a power of one permutation, and costs nothing until it is asked for.
class UpdateOrder {
 public:
  UpdateOrder(std::uint32_t nodes, bool shuffles, std::uint16_t seed);

  /// One more look at all nodes, in this second.
  void next(std::int64_t second) {
    if (!shuffles_) return;
    if (second != second_) begin(second);
    ++looks_;
  }
  /// When it is the node's turn: each has another.
  std::uint32_t place(NodeIndex node) const {
    if (!shuffles_) return node;
    const Step& step = steps_[places_[node]];
    return cycles_[step.begin + (step.index + looks_) % step.length];
  }

 private:
  /// Where a place is in its cycle of the permutation.
  struct Step {
    std::uint32_t begin = 0;
    std::uint32_t index = 0;
    std::uint32_t length = 1;
  };
  void begin(std::int64_t second);

  bool shuffles_;
  std::uint16_t seed_;
  std::int64_t second_ = -1;
  std::uint64_t looks_ = 0;            ///< in this second
  std::vector<std::uint32_t> places_;  ///< by node, when this second began
  std::vector<Step> steps_;
  std::vector<std::uint32_t> cycles_;
  std::vector<std::uint32_t> shuffled_;
  std::vector<std::uint32_t> next_;
};

/// What seeds a shuffle in this second.
inline std::int64_t shuffle_seed(std::int64_t second, std::uint16_t seed) {
  return second ^ (std::int64_t{seed} << 32);
}

}  // namespace chaski::sim
