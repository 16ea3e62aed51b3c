// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/mobility/geometry.hpp"

namespace chaski::sim {

/// A line of straight pieces, and the places beside it.
class Route {
 public:
  /// At least two points, no two that follow each other at one place.
  explicit Route(std::vector<Point> points);

  double length_m() const { return arcs_.back(); }
  /// The place `arc_m` along the line and `aside_m` to its left. A straight way along a piece at a
  /// constant distance from it stays straight; at a bend pieces meet on the bisector.
  Point place(double arc_m, double aside_m) const;
  /// How far along the line the next bend is after `arc_m`, forward or backward; the end of the
  /// line when there is none.
  double bend_after(double arc_m, bool forward) const;
  /// How many times as far as on the line it is, at worst, along a piece and `aside_m` from it.
  double stretch(double aside_m) const;
  /// Around all places that are at most `aside_m` from the line.
  Rectangle bounds(double aside_m) const;

 private:
  std::vector<Point> points_;
  std::vector<Point> aside_;  ///< by point: where one goes who is one metre to the left
  std::vector<double> arcs_;  ///< by point: how far along the line it is
};

}  // namespace chaski::sim
