// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

Point draw_in(base::Random& random, const Rectangle& rectangle) {
  const double x = draw_between(random, rectangle.x_m, rectangle.x_m + rectangle.width_m);
  const double y = draw_between(random, rectangle.y_m, rectangle.y_m + rectangle.height_m);
  return {x, y};
}

Point draw_in_disc(base::Random& random, Point centre, double radius_m) {
  for (;;) {
    const double x = draw_between(random, -1, 1);
    const double y = draw_between(random, -1, 1);
    if (x * x + y * y <= 1) return centre + Point{x, y} * radius_m;
  }
}

Point draw_direction(base::Random& random) {
  for (;;) {
    const Point way = draw_in_disc(random, {}, 1);
    const double length = length_m(way);
    if (length > 1e-3) return way * (1 / length);
  }
}

}  // namespace chaski::sim
