// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.hpp"

namespace chaski::mesh_router {

/// The earliest of many times, one for each block of slots: a tournament tree.
///
/// The owner keeps for each block a time that is not after the first expiry in it, and looks into
/// the block when that time has come. So an envelope costs half a byte here, and erasing one costs
/// nothing.
class ExpiryTree {
 public:
  static constexpr base::Time kNever = base::Time::max();

  /// Something in this block expires at `time`.
  void lower(std::size_t block, base::Time time) {
    if (block >= leaves_) grow(block);
    if (time < nodes_[leaves_ + block]) set(block, time);
  }
  /// The first expiry in this block, now that the owner has looked.
  void set(std::size_t block, base::Time time);

  base::Time earliest() const { return leaves_ == 0 ? kNever : nodes_[1]; }
  /// The block with the earliest time.
  std::size_t first_block() const;
  std::size_t memory_used() const { return nodes_.capacity() * sizeof(base::Time); }

 private:
  void grow(std::size_t block);

  std::vector<base::Time> nodes_;  // the children of node n are 2n and 2n + 1
  std::size_t leaves_ = 0;         // a power of two: block b is node leaves_ + b
};

}  // namespace chaski::mesh_router
