// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>

namespace chaski::sim {

/// A place on the plane, or the way from one to another, in metres.
struct Point {
  double x = 0;
  double y = 0;
  friend bool operator==(const Point&, const Point&) = default;
  friend Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
  friend Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
  friend Point operator*(Point a, double by) { return {a.x * by, a.y * by}; }
};

/// By square root and not hypot(), which is not the same everywhere.
inline double length_m(Point way) { return std::sqrt(way.x * way.x + way.y * way.y); }
inline double distance_m(Point a, Point b) { return length_m(b - a); }

/// A rectangle with its sides along the axes; (x_m, y_m) is the corner nearest to the origin.
struct Rectangle {
  double x_m = 0;
  double y_m = 0;
  double width_m = 0;
  double height_m = 0;
  friend bool operator==(const Rectangle&, const Rectangle&) = default;

  bool contains(Point point, double tolerance_m = 0) const {
    return point.x >= x_m - tolerance_m && point.x <= x_m + width_m + tolerance_m &&
           point.y >= y_m - tolerance_m && point.y <= y_m + height_m + tolerance_m;
  }
  Point clamp(Point point) const {
    return {std::clamp(point.x, x_m, x_m + width_m), std::clamp(point.y, y_m, y_m + height_m)};
  }
  Point corner() const { return {x_m, y_m}; }
  Point far_corner() const { return {x_m + width_m, y_m + height_m}; }
  Point centre() const { return {x_m + width_m / 2, y_m + height_m / 2}; }
};

/// The smallest rectangle around a rectangle and a point.
inline Rectangle around(const Rectangle& rectangle, Point point) {
  const double x = std::min(rectangle.x_m, point.x);
  const double y = std::min(rectangle.y_m, point.y);
  return {x, y, std::max(rectangle.x_m + rectangle.width_m, point.x) - x,
          std::max(rectangle.y_m + rectangle.height_m, point.y) - y};
}

/// Where a world lies: from (0, 0) to (width_m, height_m). Who leaves a torus on one side comes
/// back on the other, and distances are the shortest of those around it.
struct Area {
  double width_m = 0;
  double height_m = 0;
  bool torus = false;
  friend bool operator==(const Area&, const Area&) = default;

  Rectangle rectangle() const { return {0, 0, width_m, height_m}; }
  /// The way from `a` to `b`, both in the area.
  Point way(Point a, Point b) const {
    Point way = b - a;
    if (!torus) return way;
    way.x -= width_m * std::floor(way.x / width_m + .5);
    way.y -= height_m * std::floor(way.y / height_m + .5);
    return way;
  }
  /// What stands in the area for a point beyond the edge of a torus.
  Point wrap(Point point) const {
    if (!torus) return point;
    return {point.x - width_m * std::floor(point.x / width_m),
            point.y - height_m * std::floor(point.y / height_m)};
  }
};

}  // namespace chaski::sim
