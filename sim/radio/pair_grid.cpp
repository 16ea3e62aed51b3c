// SPDX-License-Identifier: Apache-2.0
#include "sim/radio/pair_grid.hpp"

#include <algorithm>
#include <cmath>

namespace chaski::sim {

std::uint32_t PairGrid::count_of(double side_m, double near_m, bool torus, double cells_max) {
  const double count = std::floor(side_m / std::max(near_m, 1e-3));
  const auto cells = static_cast<std::uint32_t>(std::clamp(count, 1.0, cells_max));
  // Around a torus of two cells each would touch the other twice.
  return torus && cells < 3 ? 1 : cells;
}

void PairGrid::fill(const std::vector<Point>& places, double near_m) {
  const double cells_max = std::sqrt(static_cast<double>(places.size())) + 8;
  columns_ = count_of(area_.width_m, near_m, area_.torus, cells_max);
  rows_ = count_of(area_.height_m, near_m, area_.torus, cells_max);
  begins_.assign(std::size_t{columns_} * rows_ + 1, 0);
  cell_of_.resize(places.size());
  order_.resize(places.size());
  const auto part_of = [](double at, double side, std::uint32_t parts) {
    const double part = std::floor(at / side * parts);
    return static_cast<std::uint32_t>(std::clamp(part, 0.0, parts - 1.0));
  };
  for (NodeIndex node = 0; node < places.size(); ++node) {
    cell_of_[node] = part_of(places[node].y, area_.height_m, rows_) * columns_ +
                     part_of(places[node].x, area_.width_m, columns_);
    ++begins_[cell_of_[node] + 1];
  }
  for (std::size_t cell = 1; cell < begins_.size(); ++cell) begins_[cell] += begins_[cell - 1];
  std::vector<std::uint32_t> next(begins_.begin(), begins_.end() - 1);
  for (NodeIndex node = 0; node < places.size(); ++node) order_[next[cell_of_[node]]++] = node;
}

std::uint32_t PairGrid::cell_at(std::uint32_t column, int right, std::uint32_t row, int up) const {
  const auto at = [&](std::uint32_t place, int step, std::uint32_t count) {
    if (step == 0) return place;
    if (count == 1) return kNowhere;
    const std::int64_t moved = std::int64_t{place} + step;
    if (moved >= 0 && moved < count) return static_cast<std::uint32_t>(moved);
    if (!area_.torus) return kNowhere;
    return moved < 0 ? count - 1 : 0;
  };
  const std::uint32_t x = at(column, right, columns_);
  const std::uint32_t y = at(row, up, rows_);
  return x == kNowhere || y == kNowhere ? kNowhere : y * columns_ + x;
}

PairGrid::Four PairGrid::after(std::uint32_t column, std::uint32_t row) const {
  return {{cell_at(column, 1, row, 0), cell_at(column, -1, row, 1), cell_at(column, 0, row, 1),
           cell_at(column, 1, row, 1)}};
}

}  // namespace chaski::sim
