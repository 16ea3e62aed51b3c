// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/town_streets.hpp"

#include <numeric>

#include "base/assert.hpp"
#include "sim/mobility/checks.hpp"
#include "sim/mobility/draw.hpp"

namespace chaski::sim {

namespace {

using Streets = std::vector<std::pair<Corner, Corner>>;

double blocks_along(double side_m, double block_m) {
  return std::max(1.0, std::floor(side_m / block_m + .5));
}

/// Which corners hang together, by the streets that were joined.
class Joined {
 public:
  explicit Joined(std::size_t corners) : parents_(corners) {
    std::iota(parents_.begin(), parents_.end(), Corner{0});
  }
  /// Whether the two did not hang together before.
  bool join(Corner a, Corner b) {
    a = root(a);
    b = root(b);
    parents_[a] = b;
    return a != b;
  }

 private:
  Corner root(Corner corner) {
    while (parents_[corner] != corner) {
      parents_[corner] = parents_[parents_[corner]];
      corner = parents_[corner];
    }
    return corner;
  }
  std::vector<Corner> parents_;
};

/// Goes through the streets in random order, and closes of those that tie nothing together some.
Streets close_some(const Streets& all, std::size_t corners, double share, base::Random& random) {
  Streets shuffled = all;
  for (std::size_t i = shuffled.size(); i > 1; --i) {
    std::swap(shuffled[i - 1], shuffled[random.below(i)]);
  }
  Joined joined(corners);
  Streets open;
  for (const auto& street : shuffled) {
    const bool needed = joined.join(street.first, street.second);
    const bool closed = random.unit() < share;
    if (needed || !closed) open.push_back(street);
  }
  return open;
}

}  // namespace

std::string_view problem_with(const TownStreets& town) {
  return first_problem(
      {check_area(town.area),
       {is_length(town.block_m), "block_m must be above 0"},
       {(blocks_along(town.area.width_m, town.block_m) + 1) *
                (blocks_along(town.area.height_m, town.block_m) + 1) <=
            kCornersMax,
        "block_m is too small: the town would have more than 1048576 corners"},
       {town.jitter_share >= 0 && town.jitter_share <= .45, "jitter_share must be from 0 to .45"},
       {town.closed_share >= 0 && town.closed_share <= 1, "closed_share must be from 0 to 1"}});
}

StreetGraph make_streets(const TownStreets& town, base::Random& random) {
  CHASKI_ASSERT(problem_with(town).empty());
  const double across = blocks_along(town.area.width_m, town.block_m);
  const double up = blocks_along(town.area.height_m, town.block_m);
  const Point block{town.area.width_m / across, town.area.height_m / up};
  const auto columns = static_cast<Corner>(across) + 1;
  const auto rows = static_cast<Corner>(up) + 1;
  std::vector<Point> corners;
  Streets streets;
  for (Corner row = 0; row < rows; ++row) {
    for (Corner column = 0; column < columns; ++column) {
      const Point moved = draw_in(random, {-town.jitter_share, -town.jitter_share,
                                           2 * town.jitter_share, 2 * town.jitter_share});
      const Point at = town.area.corner() + Point{(column + moved.x) * block.x,
                                                  (row + moved.y) * block.y};
      const auto corner = static_cast<Corner>(corners.size());
      corners.push_back(town.area.clamp(at));
      if (column > 0) streets.emplace_back(corner - 1, corner);
      if (row > 0) streets.emplace_back(corner - columns, corner);
    }
  }
  streets = close_some(streets, corners.size(), town.closed_share, random);
  return {std::move(corners), std::move(streets)};
}

}  // namespace chaski::sim
