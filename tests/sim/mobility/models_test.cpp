// SPDX-License-Identifier: Apache-2.0
// Afraid of: people who jump, leave the map, pass where nobody may, or are somewhere else than
// their model says.
#include <gtest/gtest.h>

#include <functional>

#include "sim/mobility/blockade.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/stationary.hpp"
#include "sim/mobility/trace_playback.hpp"
#include "sim/mobility/villages.hpp"
#include "tests/seeds.hpp"
#include "tests/sim/mobility/walkers.hpp"

namespace chaski::sim {
namespace {

struct Model {
  std::string name;
  std::function<std::unique_ptr<Movement>()> make;
  double speed_max = 0;
};

std::vector<Model> models() {
  const Rectangle all = kTown.rectangle();
  const RandomWaypoint waypoint{.area = all};
  const Gathering gathering{.town = all, .square_x_m = 500, .square_y_m = 400,
                            .stay_min_s = 600, .stay_max_s = 1'200};
  const March march{.route = kRoute, .start_s = 300};
  const Blockade blockade{.area = all, .pass_every_min_s = 100, .pass_every_max_s = 900};
  const Villagers villagers{.villages = {{300, 300, 100, 1}, {700, 500, 150, 3}}};
  const Bus bus{.stops = {{0, 0, 60}, {500, 10, 30}, {900, 700, 10}}, .headway_s = 200};
  const Rooms rooms{.x_m = 10, .y_m = 20, .stay_max_s = 300};
  const Stationary stationary{.area = all, .places = {}};
  return {{"random waypoint", [=] { return make_movement(waypoint); }, 1.5},
          {"gathering", [=] { return make_movement(gathering); }, 1.6},
          // Who drifts forward, or goes around a bend on the outer side, is faster than the column.
          {"march", [=] { return make_movement(march); }, 3},
          {"blockade", [=] { return make_movement(blockade); }, 1.5},
          {"villagers", [=] { return make_movement(villagers); }, 1.5},
          {"bus", [=] { return make_movement(bus); }, 8},
          {"rooms", [=] { return make_movement(rooms); }, 1.4},
          {"stationary", [=] { return make_movement(stationary); }, 0},
          {"playback", [] { return make_movement(at_origin(drawn_trace(1))); }, 90}};
}

TEST(Models, NobodyJumpsHurriesOrLeavesTheirBounds) {
  for (const Model& model : models()) {
    for (const std::uint64_t seed : test::seeds(5)) {
      SCOPED_TRACE(testing::Message() << model.name << " CHASKI_SEED=" << seed);
      Mobility mobility(seed, kTown);
      auto movement = model.make();
      const Rectangle bounds = movement->bounds();
      mobility.add(std::move(movement), 7);
      bool moves = false;
      for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
        const Leg* before = nullptr;
        const auto all = legs(mobility, node, at_seconds(7'200));
        ASSERT_LT(all.size(), 7'300u) << "a leg lasts seconds";
        for (const Leg& leg : all) {
          if (before != nullptr) {
            ASSERT_EQ(before->end, leg.begin);
            ASSERT_LT(distance_m(before->to, leg.from), 1e-6);
          }
          ASSERT_TRUE(bounds.contains(leg.from, 1e-6) && bounds.contains(leg.to, 1e-6));
          const double limit_m = model.speed_max * (leg.duration_us() + 1) / 1e6 + 1e-6;
          ASSERT_LE(distance_m(leg.from, leg.to), limit_m);
          moves |= !leg.stands();
          before = &leg;
        }
      }
      EXPECT_EQ(moves, model.speed_max > 0);
    }
  }
}

TEST(Models, OneMoreMemberChangesNobodysPath) {
  for (const Model& model : models()) {
    SCOPED_TRACE(model.name);
    Mobility few(3, kTown);
    few.add(model.make(), 4);
    few.add(model.make(), 2);
    Mobility more(3, kTown);
    more.add(model.make(), 5);
    more.add(model.make(), 2);
    for (NodeIndex node = 0; node < few.nodes(); ++node) {
      const NodeIndex same = node < 4 ? node : node + 1;
      EXPECT_EQ(legs(few, node, at_seconds(3'600)), legs(more, same, at_seconds(3'600)));
    }
  }
}

TEST(Models, TheirOwnDefaultsAreWithoutProblemAndNonsenseIsNot) {
  const Rectangle all = kTown.rectangle();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(problem_with(RandomWaypoint{.area = all}), "");
  EXPECT_NE(problem_with(RandomWaypoint{}), "") << "no area";
  EXPECT_NE(problem_with(RandomWaypoint{.area = all, .speed_min_m_per_s = 0}), "");
  EXPECT_NE(problem_with(RandomWaypoint{.area = all, .speed_min_m_per_s = nan}), "");
  EXPECT_NE(problem_with(RandomWaypoint{.area = all, .pause_min_s = 121}), "");
  EXPECT_NE(problem_with(RandomDirection{.width_m = 10, .height_m = nan}), "");
  EXPECT_NE(problem_with(RandomDirection{.width_m = 10, .height_m = 10, .travel_min_s = 0}), "");
  EXPECT_NE(problem_with(Gathering{.town = all, .square_x_m = 20, .square_y_m = 400}), "");
  EXPECT_NE(problem_with(Gathering{.town = all, .square_x_m = 90, .square_y_m = 400,
                                   .milling = {.pause_max_s = 0}}), "");
  EXPECT_NE(problem_with(March{.route = {{1, 1}}}), "");
  EXPECT_NE(problem_with(March{.route = {{1, 1}, {150, 1}}}), "") << "shorter than the column";
  EXPECT_NE(problem_with(March{.route = {{1, 1}, {1, 1}, {900, 1}}}), "");
  EXPECT_NE(problem_with(Blockade{.area = all, .strip_m = 950}), "");
  EXPECT_NE(problem_with(Villagers{}), "");
  EXPECT_NE(problem_with(Villagers{.villages = {{50, 50, 100, 1}}}), "") << "below 0";
  EXPECT_NE(problem_with(Bus{.stops = {{1, 1, 0}}}), "");
  EXPECT_NE(problem_with(Bus{.stops = {{1, 1, 0}, {1, 1, 0}}}), "");
  EXPECT_NE(problem_with(Bus{.stops = {{1, 1, 0}, {2, 1, 0}, {1, 1, 0}}, .there_and_back = false}),
            "");
  EXPECT_NE(problem_with(Rooms{.sides = 3}), "");
  EXPECT_NE(problem_with(Stationary{.area = all, .places = {{-1, 0}}}), "");
  EXPECT_NE(problem_with(TracePlayback{}), "");
  EXPECT_NE(problem_with(TracePlayback{.trace = drawn_trace(1)}), "") << "below 0";
}

TEST(RandomWaypoint, AStationaryStartIsThatOfLater) {
  // Mean speed of those who walk, and the share of those who stand, at 0 and after ten hours.
  const RandomWaypoint model{.area = kTown.rectangle(), .speed_min_m_per_s = .2,
                             .speed_max_m_per_s = 3, .pause_max_s = 400};
  constexpr std::uint32_t kNodes = 20'000;
  struct Snapshot {
    double standing = 0;
    double speed = 0;
    double from_middle_m = 0;
  };
  const auto snapshot = [&](bool stationary, double at_s) {
    RandomWaypoint start = model;
    start.stationary_start = stationary;
    Mobility mobility(5, kTown);
    mobility.add(make_movement(start), kNodes);
    Snapshot out;
    for (NodeIndex node = 0; node < kNodes; ++node) {
      while (mobility.leg(node).end <= at_seconds(at_s)) mobility.advance(node);
      out.standing += mobility.leg(node).stands();
      out.speed += length_m(mobility.leg(node).velocity()) * 1e6;
      out.from_middle_m +=
          distance_m(mobility.position_at(node, at_seconds(at_s)), kTown.rectangle().centre());
    }
    out.speed /= kNodes - out.standing;
    out.standing /= kNodes;
    out.from_middle_m /= kNodes;
    return out;
  };
  const Snapshot later = snapshot(false, 36'000);
  const Snapshot start = snapshot(true, 0);
  EXPECT_NEAR(start.standing, later.standing, .015);
  EXPECT_NEAR(start.speed, later.speed, .03);
  EXPECT_NEAR(start.from_middle_m, later.from_middle_m, 4);
  // Navidi and Camp: pauses' share of a round; speeds with density 1/v, whose mean is this.
  EXPECT_NEAR(start.speed, 2.8 / std::log(15), .02);
  EXPECT_GT(snapshot(false, 0).speed, 1.5) << "the uniform start is another one";
}

}  // namespace
}  // namespace chaski::sim
