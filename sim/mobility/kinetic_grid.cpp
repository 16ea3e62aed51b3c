// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/kinetic_grid.hpp"

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

constexpr std::uint32_t kCellsMax = 1u << 22;
/// Fewer would make one cell the neighbour of another on two sides.
constexpr std::uint32_t kTorusCellsMin = 5;

std::uint32_t cells_along(double side_m, double cell_m) {
  return static_cast<std::uint32_t>(std::clamp(std::floor(side_m / cell_m), 1.0, 65'535.0));
}

/// When who is at `from` at `begin_us` comes to `line`; infinity when never.
double crosses_us(double from, double velocity, double line, std::int64_t begin_us) {
  if (velocity == 0) return std::numeric_limits<double>::infinity();
  return static_cast<double>(begin_us) + (line - from) / velocity;
}

/// The same place on a torus, that which is nearest to `middle`.
double nearest(double at, double middle, double side) {
  return at - side * std::floor((at - middle) / side + .5);
}

}  // namespace

KineticGrid::KineticGrid(const Area& area, std::uint32_t nodes, double cell_min_m)
    : area_(area), cell_min_m_(cell_min_m), motions_(nodes) {
  // About one node a cell: with smaller cells most of the work is crossing empty ones.
  const double size_m2 = area.width_m * area.height_m;
  double cell_m = std::max(cell_min_m, std::sqrt(size_m2 / std::max(nodes, 1u)));
  cell_m = std::max(cell_m, std::sqrt(size_m2 / kCellsMax));
  std::uint32_t columns = cells_along(area.width_m, cell_m);
  std::uint32_t rows = cells_along(area.height_m, cell_m);
  if (area.torus) {
    columns = std::max(columns, kTorusCellsMin);
    rows = std::max(rows, kTorusCellsMin);
    CHASKI_ASSERT(area.width_m >= columns * cell_min_m && area.height_m >= rows * cell_min_m);
  }
  set_cells(columns, rows);
}

void KineticGrid::set_cells(std::uint32_t columns, std::uint32_t rows) {
  columns_ = columns;
  rows_ = rows;
  cell_width_m_ = area_.width_m / columns;
  cell_height_m_ = area_.height_m / rows;
  heads_.assign(std::size_t{columns} * rows, kNobody);
}

void KineticGrid::link(NodeIndex node, std::uint32_t cell) {
  Motion& motion = motions_[node];
  motion.cell = cell;
  motion.previous = kNobody;
  motion.next = heads_[cell];
  if (motion.next != kNobody) motions_[motion.next].previous = node;
  heads_[cell] = node;
}

void KineticGrid::unlink(NodeIndex node) {
  const Motion& motion = motions_[node];
  if (motion.next != kNobody) motions_[motion.next].previous = motion.previous;
  (motion.previous == kNobody ? heads_[motion.cell] : motions_[motion.previous].next) = motion.next;
}

void KineticGrid::place(NodeIndex node, const Leg& leg) {
  const auto at = [](double x, double cell, std::uint32_t count) {
    return static_cast<std::uint32_t>(std::clamp(std::floor(x / cell), 0.0, count - 1.0));
  };
  link(node, at(leg.from.y, cell_height_m_, rows_) * columns_ +
                 at(leg.from.x, cell_width_m_, columns_));
  follow(node, leg);
}

void KineticGrid::follow(NodeIndex node, const Leg& leg) {
  Motion& motion = motions_[node];
  motion.from = leg.from;
  if (area_.torus) {
    const std::uint32_t column = motion.cell % columns_;
    const std::uint32_t row = motion.cell / columns_;
    motion.from.x = nearest(leg.from.x, (column + .5) * cell_width_m_, area_.width_m);
    motion.from.y = nearest(leg.from.y, (row + .5) * cell_height_m_, area_.height_m);
  }
  motion.velocity = leg.velocity();
  motion.begin_us = to_us(leg.begin);
  motion.end_us = to_us(leg.end);
  ++motion.version;
}

KineticGrid::NextStep KineticGrid::next_step(NodeIndex node, std::int64_t now_us) const {
  const Motion& motion = motions_[node];
  const std::uint32_t column = motion.cell % columns_;
  const std::uint32_t row = motion.cell / columns_;
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const bool right = motion.velocity.x > 0;
  const bool up = motion.velocity.y > 0;
  double x_us = crosses_us(motion.from.x, motion.velocity.x, (column + right) * cell_width_m_,
                           motion.begin_us);
  double y_us = crosses_us(motion.from.y, motion.velocity.y, (row + up) * cell_height_m_,
                           motion.begin_us);
  if (!area_.torus && (right ? column + 1 == columns_ : column == 0)) x_us = kNever;
  if (!area_.torus && (up ? row + 1 == rows_ : row == 0)) y_us = kNever;
  const double first_us = std::min(x_us, y_us);
  if (!(first_us < static_cast<double>(motion.end_us) - 1)) {
    return {motion.end_us, Step::leg_ends};
  }
  const Step x_step = right ? Step::right : Step::left;
  const Step step = x_us <= y_us ? x_step : (up ? Step::up : Step::down);
  return {std::max(now_us, static_cast<std::int64_t>(std::ceil(first_us))), step};
}

void KineticGrid::take(NodeIndex node, Step step) {
  unlink(node);
  Motion& motion = motions_[node];
  std::uint32_t column = motion.cell % columns_;
  std::uint32_t row = motion.cell / columns_;
  switch (step) {
    case Step::left:
      if (column == 0) motion.from.x += area_.width_m;
      column = column == 0 ? columns_ - 1 : column - 1;
      break;
    case Step::right:
      if (column + 1 == columns_) motion.from.x -= area_.width_m;
      column = column + 1 == columns_ ? 0 : column + 1;
      break;
    case Step::down:
      if (row == 0) motion.from.y += area_.height_m;
      row = row == 0 ? rows_ - 1 : row - 1;
      break;
    case Step::up:
      if (row + 1 == rows_) motion.from.y -= area_.height_m;
      row = row + 1 == rows_ ? 0 : row + 1;
      break;
    case Step::leg_ends:
      CHASKI_ASSERT(false);
  }
  link(node, row * columns_ + column);
}

Point KineticGrid::position(NodeIndex node, std::int64_t at_us) const {
  const Motion& motion = motions_[node];
  return motion.from + motion.velocity * static_cast<double>(at_us - motion.begin_us);
}

Approach KineticGrid::approach(NodeIndex a, NodeIndex b, std::int64_t now_us) const {
  const std::int64_t at_us = std::max(motions_[a].begin_us, motions_[b].begin_us);
  Point way = position(b, at_us) - position(a, at_us);
  if (area_.torus) {
    const Point now = position(b, now_us) - position(a, now_us);
    way.x += nearest(now.x, 0, area_.width_m) - now.x;
    way.y += nearest(now.y, 0, area_.height_m) - now.y;
  }
  return {at_us, way, motions_[b].velocity - motions_[a].velocity};
}

bool KineticGrid::can_divide() const {
  return cell_width_m_ / 2 >= cell_min_m_ && cell_height_m_ / 2 >= cell_min_m_ &&
         std::uint64_t{columns_} * rows_ * 4 <= kCellsMax;
}

void KineticGrid::divide(std::int64_t now_us) {
  const std::uint32_t old_columns = columns_;
  set_cells(columns_ * 2, rows_ * 2);
  // Into one of the four quarters of its cell, whatever the rounding says: then two who are near
  // now were near before, and nobody need be told of them.
  const auto half = [](double at, double cell, std::uint32_t old) {
    return std::clamp<double>(std::floor(at / cell), old * 2.0, old * 2.0 + 1);
  };
  for (NodeIndex node = 0; node < motions_.size(); ++node) {
    const std::uint32_t old = motions_[node].cell;
    const Point at = position(node, now_us);
    const double column = half(at.x, cell_width_m_, old % old_columns);
    const double row = half(at.y, cell_height_m_, old / old_columns);
    link(node, static_cast<std::uint32_t>(row) * columns_ + static_cast<std::uint32_t>(column));
  }
}

}  // namespace chaski::sim
