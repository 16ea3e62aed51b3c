// SPDX-License-Identifier: Apache-2.0
// Afraid of: two who are near and are not compared, two who are compared twice, an edge or a torus
// of few cells.
#include "sim/radio/pair_grid.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

TEST(PairGrid, visits_all_who_are_near_once) {
  for (const auto seed : test::seeds(400)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    const Area area{1 + 99 * random.unit(), 1 + 99 * random.unit(), seed % 2 == 0};
    const double near_m = area.width_m * (.05 + random.unit());
    std::vector<Point> places(2 + random.below(60));
    for (Point& place : places) {
      place = {area.width_m * random.unit(), area.height_m * random.unit()};
    }
    places[0] = {area.width_m, area.height_m};  // on the edge
    places[1] = {0, 0};
    PairGrid grid(area);
    grid.fill(places, near_m / 3);
    grid.fill(places, near_m);
    std::map<std::pair<NodeIndex, NodeIndex>, int> visits;
    grid.visit_pairs(places, [&](NodeIndex a, NodeIndex b, double distance2_m2) {
      ASSERT_NE(a, b);
      const double way = length_m(area.way(places[a], places[b]));
      ASSERT_NEAR(distance2_m2, way * way, 1e-9);
      ++visits[std::minmax(a, b)];
    });
    for (NodeIndex a = 0; a < places.size(); ++a) {
      for (NodeIndex b = a + 1; b < places.size(); ++b) {
        const bool near = length_m(area.way(places[a], places[b])) <= near_m;
        const auto seen = visits.find({a, b});
        if (near) {
          ASSERT_NE(seen, visits.end()) << a << " " << b;
        }
        if (seen != visits.end()) {
          ASSERT_EQ(seen->second, 1) << a << " " << b;
        }
      }
    }
  }
}

}  // namespace
}  // namespace chaski::sim
