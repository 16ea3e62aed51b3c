// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/assert.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Who is in contact with whom: for each node an ascending list.
///
/// Lists of up to kInline lie in two lines of the cache; longer ones elsewhere, and come back when
/// they have shrunk. With a hundred thousand nodes, waiting for memory is most of the work.
class NeighbourLists {
 public:
  explicit NeighbourLists(std::uint32_t nodes) : rows_(nodes) {}

  std::span<const NodeIndex> of(NodeIndex node) const {
    const Row& row = rows_[node];
    if (row.elsewhere == kInRow) return {row.few.data(), row.count};
    return long_[row.elsewhere];
  }
  bool contains(NodeIndex a, NodeIndex b) const {
    if (rows_[a].count > rows_[b].count) std::swap(a, b);
    const auto list = of(a);
    return std::binary_search(list.begin(), list.end(), b);
  }
  void join(NodeIndex a, NodeIndex b) {
    insert(a, b);
    insert(b, a);
  }
  /// They must be joined.
  void part(NodeIndex a, NodeIndex b) {
    erase(a, b);
    erase(b, a);
  }
  /// Asks for the memory of a node's list, which is needed soon.
  void prefetch(NodeIndex node) const { __builtin_prefetch(&rows_[node]); }

 private:
  static constexpr std::size_t kInline = 30;
  /// A long list that is no longer than this goes back into the row.
  static constexpr std::size_t kBack = 20;
  static constexpr std::uint32_t kInRow = std::numeric_limits<std::uint32_t>::max();
  struct alignas(64) Row {
    std::uint32_t count = 0;
    std::uint32_t elsewhere = kInRow;  ///< its place in long_
    std::array<NodeIndex, kInline> few{};
  };

  void insert(NodeIndex node, NodeIndex other) {
    Row& row = rows_[node];
    if (row.count == kInline && row.elsewhere == kInRow) move_out(row);
    if (row.elsewhere == kInRow) {
      NodeIndex* const end = row.few.data() + row.count;
      NodeIndex* const at = std::lower_bound(row.few.data(), end, other);
      std::copy_backward(at, end, end + 1);
      *at = other;
    } else {
      std::vector<NodeIndex>& list = long_[row.elsewhere];
      list.insert(std::lower_bound(list.begin(), list.end(), other), other);
    }
    ++row.count;
  }

  void erase(NodeIndex node, NodeIndex other) {
    Row& row = rows_[node];
    const auto list = of(node);
    const auto place = std::lower_bound(list.begin(), list.end(), other) - list.begin();
    CHASKI_ASSERT(static_cast<std::size_t>(place) < list.size());
    --row.count;
    if (row.elsewhere == kInRow) {
      NodeIndex* const at = row.few.data() + place;
      std::copy(at + 1, row.few.data() + row.count + 1, at);
    } else {
      std::vector<NodeIndex>& long_list = long_[row.elsewhere];
      long_list.erase(long_list.begin() + place);
      if (long_list.size() <= kBack) move_in(row);
    }
  }

  void move_out(Row& row) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(long_.size()));
      long_.emplace_back();
    }
    row.elsewhere = free_.back();
    free_.pop_back();
    long_[row.elsewhere].assign(row.few.begin(), row.few.end());
  }
  void move_in(Row& row) {
    std::vector<NodeIndex>& list = long_[row.elsewhere];
    std::copy(list.begin(), list.end(), row.few.begin());
    list.clear();
    free_.push_back(row.elsewhere);
    row.elsewhere = kInRow;
  }

  std::vector<Row> rows_;
  std::vector<std::vector<NodeIndex>> long_;
  std::vector<std::uint32_t> free_;  ///< places in long_ that nobody uses
};

}  // namespace chaski::sim
