// SPDX-License-Identifier: Apache-2.0
// Afraid of: crowds that are somewhere else than their model says, or pass where nobody may.
#include <gtest/gtest.h>

#include "sim/mobility/blockade.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/town_streets.hpp"
#include "tests/sim/mobility/walkers.hpp"

namespace chaski::sim {
namespace {

TEST(Gathering, EverybodyComesStaysNearASpotAndGoesHome) {
  const Gathering model{.town = kTown.rectangle(), .square_x_m = 500, .square_y_m = 400,
                        .square_radius_m = 40, .leave_max_s = 600, .stay_min_s = 3'600,
                        .stay_max_s = 3'600};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 200);
  const auto in_square = [&](NodeIndex node, double at_s) {
    while (mobility.leg(node).end < at_seconds(at_s)) mobility.advance(node);
    return distance_m(mobility.position_at(node, at_seconds(at_s)), {500, 400}) <= 40.001;
  };
  for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
    const Point home = mobility.leg(node).from;
    std::vector<Point> places;
    for (double at_s = 1'500; at_s <= 3'500; at_s += 50) {
      ASSERT_TRUE(in_square(node, at_s));
      places.push_back(mobility.position_at(node, at_seconds(at_s)));
      ASSERT_LE(distance_m(places.front(), places.back()), 2 * model.milling.radius_m + 1e-6);
    }
    EXPECT_GT(std::count_if(places.begin(), places.end(),
                            [&](Point place) { return place != places.front(); }), 3);
    in_square(node, 9'000);
    EXPECT_EQ(mobility.position_at(node, at_seconds(9'000)), home);
  }
}

TEST(Gathering, AlongStreetsWhereThereAreSome) {
  base::SeededRandom random(1);
  const auto streets = std::make_shared<const StreetGraph>(
      make_streets({.area = kTown.rectangle()}, random));
  const Gathering model{.town = kTown.rectangle(), .streets = streets, .square_x_m = 500,
                        .square_y_m = 400, .leave_max_s = 60, .stay_min_s = 2'000,
                        .stay_max_s = 2'000};
  const auto is_corner = [&](Point at) {
    for (Corner corner = 0; corner < streets->corners(); ++corner) {
      if (streets->place(corner) == at) return true;
    }
    return false;
  };
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 60);
  for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
    const auto all = legs(mobility, node, at_seconds(20'000));
    ASSERT_TRUE(is_corner(all[0].from));
    std::size_t turns = 0;
    bool came = false;
    for (const Leg& leg : all) {
      const bool in_square = distance_m(leg.to, {500, 400}) <= 50.001;
      came |= in_square;
      ASSERT_TRUE(in_square || is_corner(leg.to));
      turns += !leg.stands() && !in_square;
    }
    EXPECT_TRUE(came);
    EXPECT_EQ(all.back().to, all[0].from) << "home again";
    if (distance_m(all[0].from, {500, 400}) > 300) {
      EXPECT_GE(turns, 3u) << "corner by corner";
    }
  }
  Gathering elsewhere = model;
  elsewhere.town = {0, 0, 1, 1};
  EXPECT_EQ(problem_with(elsewhere), "town: no street corner is in it");
}

TEST(March, TheColumnStandsMovesAndArrives) {
  const March model{.route = kRoute, .column_length_m = 150, .column_width_m = 10,
                    .speed_m_per_s = 1, .start_s = 600, .drift_m = 5};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 100);
  for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
    const auto at = [&](double at_s) {
      while (mobility.leg(node).end < at_seconds(at_s)) mobility.advance(node);
      return mobility.position_at(node, at_seconds(at_s));
    };
    // On the first 150 m of the first street, and there until the march begins.
    for (const double at_s : {0., 300., 600.}) {
      ASSERT_LE(at(at_s).x, 250.5);
      ASSERT_LE(std::abs(at(at_s).y - 100 - (at(at_s).x - 100) * .04), 5.1);
    }
    // After 350 s the tail is 350 m along; drifting is slow beside that.
    ASSERT_GE(at(950).x, 440);
    // All on the second street: the tail is 550 m along, of which the first street is 500.4.
    const Point later = at(1'150);
    ASSERT_GE(later.x, 595);
    ASSERT_GE(later.y, 115);
    // The route is 1,249.2 m long: arrived, on the last street's last 150 m, and still drifting.
    const Point arrived = at(1'710);
    ASSERT_LE(arrived.x, 300 + 150 * .85);
    ASSERT_GE(arrived.y, 700 - 150 * .55 - 6);
    ASSERT_LE(distance_m(arrived, at(3'600)), 170);
    ASSERT_NE(arrived, at(3'600));
  }
}

TEST(Blockade, OnlyPassersCrossAndOnlyWhileItIsOpen) {
  const Blockade model{.area = kTown.rectangle(), .strip_m = 400, .strip_width_m = 100,
                       .gate_m = 300, .passers = 5, .pass_every_min_s = 600,
                       .pass_every_max_s = 1'200, .open_from_s = 7'200, .open_until_s = 36'000};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 60);
  std::size_t left = 0;
  for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
    std::size_t crossings = 0;
    const auto all = legs(mobility, node, at_seconds(48'000));
    left += all[0].from.x < 450;
    for (const Leg& leg : all) {
      const bool in_strip = std::max(leg.from.x, leg.to.x) > 400 + 1e-6 &&
                            std::min(leg.from.x, leg.to.x) < 500 - 1e-6;
      if (!in_strip) continue;
      ++crossings;
      ASSERT_EQ(leg.from.y, 300);
      ASSERT_EQ(leg.to.y, 300);
      ASSERT_GE(leg.begin, at_seconds(7'200));
      ASSERT_LE(leg.begin, at_seconds(36'000));
    }
    if (node < 5) {
      // A round takes 600 to 1,200 s and the ways to the gate: 28,800 s have room for 12 at least.
      EXPECT_GE(crossings, 12u);
      EXPECT_LE(crossings, 48u);
    } else {
      EXPECT_EQ(crossings, 0u);
    }
  }
  EXPECT_NEAR(static_cast<double>(left), 30, 12);
}

}  // namespace
}  // namespace chaski::sim
