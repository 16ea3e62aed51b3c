// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "sim/mobility/approach.hpp"
#include "sim/mobility/leg.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Nodes that move, by the cell they are in; cells are no smaller than the range.
///
/// A node is in the cell that it was put into, and changes to the next when its owner says so,
/// at the time that next_step() gave: which is up to a microsecond after it crossed the line. The
/// cells are so much larger than the range that this cannot hide anybody.
class KineticGrid {
 public:
  /// Where a node crosses into the next cell, or that its leg ends first.
  enum class Step : std::uint8_t { left, right, down, up, leg_ends };
  struct NextStep {
    std::int64_t at_us = 0;
    Step step = Step::leg_ends;
  };

  /// No cell is smaller than `cell_min_m`. On a torus each side must have room for five.
  KineticGrid(const Area& area, std::uint32_t nodes, double cell_min_m);

  /// The first leg of a node, which puts it into its cell.
  void place(NodeIndex node, const Leg& leg);
  /// The next leg: whoever was told about the one before is told by another version().
  void follow(NodeIndex node, const Leg& leg);
  NextStep next_step(NodeIndex node, std::int64_t now_us) const;
  void take(NodeIndex node, Step step);

  /// Calls visit(other) for each other node in the node's cell and the eight around it.
  template <class Visit>
  void visit_around(NodeIndex node, Visit visit) const {
    visit_cells(node, -1, 1, -1, 1, visit);
  }
  /// For those in the three cells that became near by the step just taken.
  template <class Visit>
  void visit_new(NodeIndex node, Step step, Visit visit) const {
    const int dx = step == Step::left ? -1 : step == Step::right ? 1 : 0;
    const int dy = step == Step::down ? -1 : step == Step::up ? 1 : 0;
    visit_cells(node, dx == 0 ? -1 : dx, dx == 0 ? 1 : dx, dy == 0 ? -1 : dy, dy == 0 ? 1 : dy,
                visit);
  }

  std::uint32_t version(NodeIndex node) const { return motions_[node].version; }
  std::int64_t leg_end_us(NodeIndex node) const { return motions_[node].end_us; }
  std::int64_t leg_begin_us(NodeIndex node) const { return motions_[node].begin_us; }
  /// Asks for the memory of a node, which is needed soon.
  void prefetch(NodeIndex node) const { __builtin_prefetch(&motions_[node]); }
  Point position(NodeIndex node, std::int64_t at_us) const;
  /// How two come near each other, at the time at which the later of their legs began: whenever it
  /// is asked, the answer is the same. On a torus it is about the images that are nearest now.
  Approach approach(NodeIndex a, NodeIndex b, std::int64_t now_us) const;

  /// Whether cells can be divided into four, keeping the smallest size and the bound on cells.
  bool can_divide() const;
  /// Does so. All who are near each other now were so before; all next_step() change.
  void divide(std::int64_t now_us);

 private:
  static constexpr std::uint32_t kNobody = std::numeric_limits<std::uint32_t>::max();
  /// 64 bytes: a line of the cache.
  struct alignas(64) Motion {
    Point from;      ///< at the begin
    Point velocity;  ///< metres per microsecond
    std::int64_t begin_us = 0;
    std::int64_t end_us = 0;
    std::uint32_t cell = 0;
    std::uint32_t version = 0;
    NodeIndex next = kNobody;  ///< in the same cell
    NodeIndex previous = kNobody;
  };

  void set_cells(std::uint32_t columns, std::uint32_t rows);
  void link(NodeIndex node, std::uint32_t cell);
  void unlink(NodeIndex node);

  template <class Visit>
  void visit_cells(NodeIndex node, int left, int right, int down, int up, Visit visit) const {
    const std::uint32_t cell = motions_[node].cell;
    const auto column = static_cast<std::int64_t>(cell % columns_);
    const auto row = static_cast<std::int64_t>(cell / columns_);
    for (std::int64_t y = row + down; y <= row + up; ++y) {
      std::int64_t y_in = y;
      if (!inside(y_in, rows_)) continue;
      for (std::int64_t x = column + left; x <= column + right; ++x) {
        std::int64_t x_in = x;
        if (!inside(x_in, columns_)) continue;
        NodeIndex other = heads_[static_cast<std::size_t>(y_in * columns_ + x_in)];
        while (other != kNobody) {
          const NodeIndex after = motions_[other].next;
          if (other != node) visit(other);
          other = after;
        }
      }
    }
  }
  /// Wraps on a torus; otherwise whether there is such a cell.
  bool inside(std::int64_t& at, std::int64_t count) const {
    if (at >= 0 && at < count) return true;
    if (!area_.torus) return false;
    at += at < 0 ? count : -count;
    return true;
  }

  Area area_;
  double cell_min_m_;
  std::uint32_t columns_ = 1;
  std::uint32_t rows_ = 1;
  double cell_width_m_ = 0;
  double cell_height_m_ = 0;
  std::vector<NodeIndex> heads_;
  std::vector<Motion> motions_;
};

}  // namespace chaski::sim
