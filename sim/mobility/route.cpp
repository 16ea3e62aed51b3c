// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/route.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

/// At a sharp bend those outside go no farther than this, in distances from the line.
constexpr double kAsideMax = 2;

Point left_of(Point from, Point to) {
  const Point way = (to - from) * (1 / distance_m(from, to));
  return {-way.y, way.x};
}

}  // namespace

Route::Route(std::vector<Point> points) : points_(std::move(points)) {
  CHASKI_ASSERT(points_.size() >= 2);
  arcs_.push_back(0);
  for (std::size_t i = 1; i < points_.size(); ++i) {
    arcs_.push_back(arcs_.back() + distance_m(points_[i - 1], points_[i]));
    CHASKI_ASSERT(arcs_[i] > arcs_[i - 1]);
  }
  const std::size_t last = points_.size() - 1;
  aside_.push_back(left_of(points_[0], points_[1]));
  for (std::size_t i = 1; i < last; ++i) {
    const Point before = left_of(points_[i - 1], points_[i]);
    const Point after = left_of(points_[i], points_[i + 1]);
    const double cosine = before.x * after.x + before.y * after.y;
    const Point bisector = before + after;
    // One metre from both pieces, but for a bend so sharp that this is far away.
    const double scale = 1 / std::max(1 + cosine, 1e-3);
    const double reach = sim::length_m(bisector) * scale;
    aside_.push_back(bisector * (reach > kAsideMax ? scale * kAsideMax / reach : scale));
  }
  aside_.push_back(left_of(points_[last - 1], points_[last]));
}

Point Route::place(double arc_m, double aside_m) const {
  const auto after = std::upper_bound(arcs_.begin() + 1, arcs_.end() - 1, arc_m);
  const auto i = static_cast<std::size_t>(after - arcs_.begin());
  const double part = std::clamp((arc_m - arcs_[i - 1]) / (arcs_[i] - arcs_[i - 1]), 0.0, 1.0);
  const Point from = points_[i - 1] + aside_[i - 1] * aside_m;
  const Point to = points_[i] + aside_[i] * aside_m;
  return from + (to - from) * part;
}

double Route::bend_after(double arc_m, bool forward) const {
  if (forward) {
    const auto after = std::upper_bound(arcs_.begin(), arcs_.end(), arc_m);
    return after == arcs_.end() ? arcs_.back() : *after;
  }
  const auto at = std::lower_bound(arcs_.begin(), arcs_.end(), arc_m);
  return at == arcs_.begin() ? arcs_.front() : *(at - 1);
}

double Route::stretch(double aside_m) const {
  double worst = 1;
  for (std::size_t i = 1; i < points_.size(); ++i) {
    for (const double aside : {aside_m, -aside_m}) {
      const Point from = points_[i - 1] + aside_[i - 1] * aside;
      const Point to = points_[i] + aside_[i] * aside;
      worst = std::max(worst, distance_m(from, to) / (arcs_[i] - arcs_[i - 1]));
    }
  }
  return worst;
}

Rectangle Route::bounds(double aside_m) const {
  Rectangle all{points_[0].x, points_[0].y, 0, 0};
  for (std::size_t i = 0; i < points_.size(); ++i) {
    all = around(all, points_[i] + aside_[i] * aside_m);
    all = around(all, points_[i] - aside_[i] * aside_m);
  }
  return all;
}

}  // namespace chaski::sim
