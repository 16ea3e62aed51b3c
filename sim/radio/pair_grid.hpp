// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "sim/mobility/geometry.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// Who is near whom at one moment: nodes in square cells, filled anew for each moment.
class PairGrid {
 public:
  explicit PairGrid(const Area& area) : area_(area) {}

  /// All `places` lie in the area. Cells are no smaller than `near_m`, so that two who are nearer
  /// are in one cell or in two that touch.
  void fill(const std::vector<Point>& places, double near_m);

  /// Calls visit(a, b, square of their distance) once for each two who may be within `near_m` of
  /// each other, and for others; distances are the shortest around a torus.
  template <class Visit>
  void visit_pairs(const std::vector<Point>& places, Visit visit) const {
    for (std::uint32_t row = 0; row < rows_; ++row) {
      for (std::uint32_t column = 0; column < columns_; ++column) {
        const std::uint32_t cell = row * columns_ + column;
        for (std::uint32_t i = begins_[cell]; i < begins_[cell + 1]; ++i) {
          meet(places, i, i + 1, begins_[cell + 1], visit);
          for (const std::uint32_t other : after(column, row)) {
            if (other != kNowhere) meet(places, i, begins_[other], begins_[other + 1], visit);
          }
        }
      }
    }
  }

 private:
  static constexpr std::uint32_t kNowhere = UINT32_MAX;
  struct Four {
    std::uint32_t cells[4];
    const std::uint32_t* begin() const { return cells; }
    const std::uint32_t* end() const { return cells + 4; }
  };
  /// Half of the cells that touch one: the other half has it among theirs.
  Four after(std::uint32_t column, std::uint32_t row) const;
  std::uint32_t cell_at(std::uint32_t column, int right, std::uint32_t row, int up) const;
  static std::uint32_t count_of(double side_m, double near_m, bool torus, double cells_max);

  template <class Visit>
  void meet(const std::vector<Point>& places, std::uint32_t i, std::uint32_t from, std::uint32_t to,
            Visit visit) const {
    const NodeIndex a = order_[i];
    for (std::uint32_t k = from; k < to; ++k) {
      const NodeIndex b = order_[k];
      const Point way = area_.way(places[a], places[b]);
      visit(a, b, way.x * way.x + way.y * way.y);
    }
  }

  Area area_;
  std::uint32_t columns_ = 1;
  std::uint32_t rows_ = 1;
  std::vector<std::uint32_t> begins_;  ///< in order_, by cell
  std::vector<NodeIndex> order_;       ///< by cell
  std::vector<std::uint32_t> cell_of_;
};

}  // namespace chaski::sim
