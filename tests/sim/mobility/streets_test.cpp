// SPDX-License-Identifier: Apache-2.0
// Afraid of: a map that is read wrongly or halfway, ways that are not the shortest, and people who
// leave the streets.
#include <gtest/gtest.h>

#include <map>

#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/map_walk.hpp"
#include "sim/mobility/street_paths.hpp"
#include "sim/mobility/town_streets.hpp"
#include "sim/mobility/wkt_streets.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

StreetGraph town(std::uint64_t seed, double side_m = 800) {
  base::SeededRandom random(seed);
  return make_streets({.area = {50, 60, side_m, side_m * .75}}, random);
}

/// All distances by Floyd and Warshall, which is slow and cannot go wrong.
std::vector<std::vector<double>> all_distances(const StreetGraph& map) {
  const std::uint32_t n = map.corners();
  std::vector<std::vector<double>> far(n, std::vector<double>(n, 1e18));
  for (Corner a = 0; a < n; ++a) {
    far[a][a] = 0;
    for (const auto& street : map.streets_at(a)) far[a][street.to] = street.length_m;
  }
  for (Corner via = 0; via < n; ++via) {
    for (Corner a = 0; a < n; ++a) {
      for (Corner b = 0; b < n; ++b) far[a][b] = std::min(far[a][b], far[a][via] + far[via][b]);
    }
  }
  return far;
}

TEST(StreetPaths, AreTheShortest) {
  for (const std::uint64_t seed : test::seeds(4)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    const auto map = std::make_shared<const StreetGraph>(town(seed));
    const auto far = all_distances(*map);
    StreetPaths paths(map);
    for (Corner from = 0; from < map->corners(); ++from) {
      for (Corner goal = 0; goal < map->corners(); ++goal) {
        double way_m = 0;
        for (Corner at = from; at != goal;) {
          const Corner next = paths.next(at, goal);
          way_m += distance_m(map->place(at), map->place(next));
          ASSERT_LE(way_m, far[from][goal] + 1e-6);
          at = next;
        }
        ASSERT_NEAR(way_m, far[from][goal], 1e-6);
      }
    }
  }
}

TEST(TownStreets, HangTogetherLieInTheirAreaAndSomeAreClosed) {
  for (const std::uint64_t seed : test::seeds(10)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    const StreetGraph map = town(seed);
    EXPECT_EQ(map.corners(), 9u * 7u);
    EXPECT_FALSE(map.unreachable());
    const Rectangle area{50, 60, 800, 600};
    EXPECT_TRUE(area.contains(map.extent().corner()) && area.contains(map.extent().far_corner()));
    std::size_t streets = 0;
    for (Corner corner = 0; corner < map.corners(); ++corner) {
      streets += map.streets_at(corner).size();
    }
    const std::size_t raster = 8 * 7 + 9 * 6;
    EXPECT_LT(streets / 2, raster);
    EXPECT_GE(streets / 2, map.corners() - 1);
    EXPECT_EQ(map.length_m(), town(seed).length_m()) << "the same seed, the same town";
  }
  base::SeededRandom random(1);
  const StreetGraph tree = make_streets({.area = {0, 0, 500, 500}, .closed_share = 1}, random);
  EXPECT_FALSE(tree.unreachable());
  std::size_t streets = 0;
  for (Corner corner = 0; corner < tree.corners(); ++corner) {
    streets += tree.streets_at(corner).size();
  }
  EXPECT_EQ(streets / 2, tree.corners() - 1) << "with all closed that can be, a tree";
}

TEST(TownStreets, NonsenseIsNamed) {
  EXPECT_NE(problem_with(TownStreets{}), "");
  EXPECT_NE(problem_with(TownStreets{.area = {0, 0, 1e6, 1e6}, .block_m = 1}), "") << "too many";
  EXPECT_NE(problem_with(TownStreets{.area = {0, 0, 100, 100}, .jitter_share = .5}), "");
  EXPECT_NE(problem_with(MapWalk{}), "");
  auto pieces = std::make_shared<const StreetGraph>(
      StreetGraph({{0, 0}, {1, 1}, {5, 5}, {6, 6}}, {{0, 1}, {2, 3}}));
  EXPECT_NE(problem_with(MapWalk{.streets = pieces}), "");
}

TEST(MapWalk, PeopleStayOnStreetsAndWalkTheShortestWay) {
  const auto map = std::make_shared<const StreetGraph>(town(3));
  const auto far = all_distances(*map);
  std::map<std::pair<double, double>, Corner> corner_at;
  for (Corner corner = 0; corner < map->corners(); ++corner) {
    corner_at[{map->place(corner).x, map->place(corner).y}] = corner;
  }
  const auto corner_of = [&](Point at) { return corner_at.at({at.x, at.y}); };
  Mobility mobility(1, {1'000, 1'000, false});
  mobility.add(make_movement(MapWalk{.streets = map, .pause_min_s = 10}), 20);
  std::size_t trips = 0;
  for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
    ASSERT_TRUE(mobility.leg(node).stands());
    Corner from = corner_of(mobility.leg(node).from);
    double walked_m = 0;
    double speed = 0;
    while (mobility.leg(node).end < at_seconds(36'000)) {
      const Leg leg = mobility.advance(node);
      const Corner at = corner_of(leg.from);
      if (leg.stands()) {
        ASSERT_NEAR(walked_m, far[from][at], 1e-6);
        ASSERT_NE(from, at);
        from = at;
        walked_m = 0;
        ++trips;
        continue;
      }
      const double now = length_m(leg.velocity()) * 1e6;
      ASSERT_TRUE(now >= .499 && now <= 1.501);
      if (walked_m > 0) {
        ASSERT_NEAR(now, speed, 1e-4) << "one speed a trip";
      }
      speed = now;
      const auto streets = map->streets_at(at);
      const Corner to = corner_of(leg.to);
      ASSERT_TRUE(std::any_of(streets.begin(), streets.end(),
                              [&](const auto& street) { return street.to == to; }));
      walked_m += distance_m(leg.from, leg.to);
    }
  }
  EXPECT_GT(trips, 800u);
}

TEST(WktStreets, AMapOfTheOneIsRead) {
  const auto map = parse_wkt_streets(
      "LINESTRING (2552448.5 6673384.25, 2552458.5 6673384.25, 2552458.5 6673394.25)\n"
      "LINESTRING(2552458.5 6673384.25,2552458.5 6673374.25)\n"
      "\n"
      "MULTILINESTRING ((2552458.5 6673374.25, 2552448.5\n6673384.25), (2552448.5 6673384.25, "
      "2552448.5 6673385.25))\n",
      "roads.wkt");
  ASSERT_TRUE(map.has_value()) << map.error().message();
  ASSERT_EQ(map->corners(), 5u);
  EXPECT_EQ(map->place(0), (Point{0, 10}));
  EXPECT_EQ(map->place(3), (Point{10, 0}));
  EXPECT_EQ(map->extent(), (Rectangle{0, 0, 10, 20}));
  EXPECT_NEAR(map->length_m(), 10 + 10 + 10 + std::sqrt(200) + 1, 1e-9);
  ASSERT_EQ(map->streets_at(1).size(), 3u) << "where lines share a point, they meet";
}

TEST(WktStreets, WhatIsWrongIsToldWithItsLine) {
  const auto error = [](std::string_view text) {
    const auto map = parse_wkt_streets(text, "roads.wkt");
    return map ? std::string("taken") : map.error().message();
  };
  EXPECT_EQ(error("LINESTRING (0 0, 1 1)\nPOINT (3 4)\n"),
            "roads.wkt:2: expected LINESTRING or MULTILINESTRING, found 'POINT'");
  EXPECT_EQ(error("LINESTRING (0 0,\n1 1,\n2 y)\n"),
            "roads.wkt:3: expected y in metres, from -1e8 to 1e8, found 'y'");
  EXPECT_EQ(error("LINESTRING (0 0, 1e9 1)"),
            "roads.wkt:1: expected x in metres, from -1e8 to 1e8, found '1e9'");
  EXPECT_EQ(error("LINESTRING (0 0, inf 1)"),
            "roads.wkt:1: expected x in metres, from -1e8 to 1e8, found 'inf'");
  EXPECT_EQ(error("LINESTRING (0 0)\n"),
            "roads.wkt:1: expected , and a second point, found ')'");
  EXPECT_EQ(error("LINESTRING (0 0, 1 1 2)"), "roads.wkt:1: expected , or ), found '2'");
  EXPECT_EQ(error("LINESTRING 0 0, 1 1"), "roads.wkt:1: expected (, found '0'");
  EXPECT_EQ(error("\n\nLINESTRING (0 0, 1 1"),
            "roads.wkt:3: expected , or ), found the end of the file");
  EXPECT_EQ(error("LINESTRING (0 0, 1 1)\nLINESTRING (1 1, 2 2)\nLINESTRING (5 5, 6 6)\n"),
            "roads.wkt:3: expected streets that all hang together, found a point to which none "
            "leads from the first");
  EXPECT_EQ(error(" \n"), "roads.wkt: expected a street, found none");
  EXPECT_EQ(error("LINESTRING (0 0, 0 0)"), "roads.wkt: expected a street, found none");
  EXPECT_EQ(error("LINESTRING (0 0, 9e7 0)"),
            "roads.wkt: expected a map of at most 1e7 m, found a larger one");
}

}  // namespace
}  // namespace chaski::sim
