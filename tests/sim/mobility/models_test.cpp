// SPDX-License-Identifier: Apache-2.0
// Afraid of: people who jump, leave the map, pass where nobody may, or are somewhere else than
// their model says.
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "sim/contacts/position_npy.hpp"
#include "sim/mobility/blockade.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/stationary.hpp"
#include "sim/mobility/trace_playback.hpp"
#include "sim/mobility/villages.hpp"
#include "tests/seeds.hpp"
#include "tools/files/whole_file.hpp"

namespace chaski::sim {
namespace {

constexpr Area kTown{1'000, 800, false};

std::shared_ptr<PositionTrace> drawn_trace(std::uint64_t seed) {
  base::SeededRandom random(seed);
  auto trace = std::make_shared<PositionTrace>();
  trace->nodes = 7;
  for (int i = 0; i < 7 * 200; ++i) {
    if (i >= 7 && random.below(3) == 0) {
      trace->positions.push_back(trace->positions[trace->positions.size() - 7]);
      continue;
    }
    const float x = static_cast<float>(random.below(60)) - 30;
    trace->positions.push_back({x, static_cast<float>(random.below(60)) - 30});
  }
  return trace;
}

struct Model {
  std::string name;
  std::function<std::unique_ptr<Movement>()> make;
  double speed_max = 0;
};

const std::vector<Point> kRoute{{100, 100}, {600, 120}, {610, 500}, {300, 700}};

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

/// All legs of a node until `end`.
std::vector<Leg> legs(Mobility& mobility, NodeIndex node, base::Time end) {
  std::vector<Leg> out{mobility.leg(node)};
  while (out.back().end < end) out.push_back(mobility.advance(node));
  return out;
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

/// Parameters from nonsense to the limits of what is taken.
class WildDraw {
 public:
  explicit WildDraw(std::uint64_t seed) : random_(seed) {}
  double number() {
    constexpr double kWild[] = {0,   1e-3, .1,  .45,   1,   1.5, 2, 10, 50,
                                100, 400,  500, 3'600, 1e6, 1e7, 3.2e9};
    // Mostly what somebody could mean, so that much is taken.
    if (random_.below(4) > 0) return 1 + static_cast<double>(random_.below(100));
    return kWild[random_.below(std::size(kWild))];
  }
  std::uint32_t count() { return static_cast<std::uint32_t>(random_.below(12)); }
  bool coin() { return random_.below(2) == 0; }
  Rectangle rectangle() {
    Rectangle out;
    for (double* side : {&out.x_m, &out.y_m, &out.width_m, &out.height_m}) *side = number();
    return out;
  }
  /// A range more often than not.
  void range(double& low, double& high) {
    low = number();
    high = random_.below(8) > 0 ? std::max(low, number()) : number();
  }

 private:
  base::SeededRandom random_;
};

/// The model with this number, if its parameters are taken.
std::unique_ptr<Movement> draw_model(WildDraw& draw, std::uint64_t number) {
  const auto taken = [](const auto& model) {
    return problem_with(model).empty() ? make_movement(model) : nullptr;
  };
  const auto walks = [&](auto& model) {
    draw.range(model.speed_min_m_per_s, model.speed_max_m_per_s);
  };
  const auto pauses = [&](auto& model) { draw.range(model.pause_min_s, model.pause_max_s); };
  switch (number) {
    case 0: {
      RandomWaypoint model{.area = draw.rectangle()};
      walks(model);
      pauses(model);
      model.stationary_start = draw.coin();
      return taken(model);
    }
    case 1: {
      Gathering model{.town = draw.rectangle(), .square_x_m = draw.number(),
                      .square_y_m = draw.number(), .square_radius_m = draw.number()};
      draw.range(model.leave_min_s, model.leave_max_s);
      walks(model);
      if (draw.coin()) draw.range(model.stay_min_s, model.stay_max_s);
      model.milling.radius_m = draw.number();
      model.milling.speed_m_per_s = draw.number();
      pauses(model.milling);
      return taken(model);
    }
    case 2: {
      March model;
      for (std::uint32_t i = draw.count(); i > 0; --i) {
        const double x = draw.number() * 10 + 100;
        model.route.push_back({x, draw.number() * 10 + 100});
      }
      model.column_length_m = draw.number();
      model.column_width_m = draw.number();
      model.speed_m_per_s = draw.number();
      model.start_s = draw.number();
      model.drift_m = draw.number();
      draw.range(model.drift_every_min_s, model.drift_every_max_s);
      return taken(model);
    }
    case 3: {
      Blockade model{.area = draw.rectangle(), .strip_m = draw.number(),
                     .strip_width_m = draw.number(), .gate_m = draw.number()};
      model.left_share = draw.number() / 100;
      model.passers = draw.count();
      draw.range(model.pass_every_min_s, model.pass_every_max_s);
      draw.range(model.open_from_s, model.open_until_s);
      walks(model);
      pauses(model);
      return taken(model);
    }
    case 4: {
      Villagers model;
      for (std::uint32_t i = draw.count(); i > 0; --i) {
        const double x = draw.number() * 10;
        const double y = draw.number() * 10;
        const double radius = draw.number();
        model.villages.push_back({x, y, radius, draw.number()});
      }
      model.wander_m = draw.number();
      walks(model);
      pauses(model);
      return taken(model);
    }
    case 5: {
      Bus model;
      for (std::uint32_t i = draw.count(); i > 0; --i) {
        const double x = draw.number();
        const double y = draw.number();
        model.stops.push_back({x, y, draw.number()});
      }
      model.speed_m_per_s = draw.number();
      model.first_departure_s = draw.number();
      model.headway_s = draw.number();
      model.round_every_s = draw.number();
      model.there_and_back = draw.coin();
      return taken(model);
    }
    default: {
      Rooms model{.x_m = draw.number(), .y_m = draw.number(), .rooms_per_side = draw.count(),
                  .sides = draw.count() % 4, .room_width_m = draw.number(),
                  .room_depth_m = draw.number(), .corridor_width_m = draw.number()};
      draw.range(model.stay_min_s, model.stay_max_s);
      model.visit_share = draw.number() / 100;
      walks(model);
      return taken(model);
    }
  }
}

TEST(Models, WhatIsTakenRunsHoweverWild) {
  std::map<std::uint64_t, int> taken;
  for (const std::uint64_t seed : test::seeds(10'500)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    WildDraw draw(seed);
    auto movement = draw_model(draw, seed % 7);
    if (!movement) continue;
    const Rectangle bounds = movement->bounds();
    Mobility mobility(seed, {bounds.far_corner().x + 1, bounds.far_corner().y + 1, false});
    if (!mobility.fits(*movement)) continue;  // a column that reaches below 0
    ++taken[seed % 7];
    mobility.add(std::move(movement), 3);
    for (NodeIndex node = 0; node < 3; ++node) {
      // Mobility itself asserts that legs are whole, inside and not too fast.
      for (int i = 0; i < 200 && mobility.leg(node).end != kForever; ++i) mobility.advance(node);
      ASSERT_LT(mobility.leg(node).begin, kForever);
    }
  }
  if (std::getenv("CHASKI_SEED") != nullptr) return;
  for (std::uint64_t model = 0; model < 7; ++model) {
    EXPECT_GT(taken[model], 60) << "too few of model " << model;
  }
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

TEST(Bus, StopsAreAtTheirTimes) {
  // 800 m at 8 m/s are 100 s, 400 m are 50 s.
  const Bus model{.stops = {{0, 0, 60}, {800, 0, 30}, {800, 400, 20}}, .speed_m_per_s = 8,
                  .first_departure_s = 100, .headway_s = 1'000, .round_every_s = 600};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 2);
  for (NodeIndex bus = 0; bus < 2; ++bus) {
    const double from_s = 100 + bus * 1'000.;
    const auto all = legs(mobility, bus, at_seconds(5'000));
    ASSERT_TRUE(all[0].stands());
    ASSERT_EQ(all[0].end, at_seconds(from_s));
    for (std::size_t round = 0; round < 5; ++round) {
      const double left_s = from_s + static_cast<double>(round) * 600;
      const Leg* leg = &all[1 + round * 8];
      const auto expect = [&](Point from, Point to, double begin_s, double end_s) {
        const Leg expected{from, to, at_seconds(left_s + begin_s), at_seconds(left_s + end_s)};
        EXPECT_EQ(*leg, expected) << "round " << round << " at " << begin_s;
        ++leg;
      };
      expect({0, 0}, {800, 0}, 0, 100);
      expect({800, 0}, {800, 0}, 100, 130);
      expect({800, 0}, {800, 400}, 130, 180);
      expect({800, 400}, {800, 400}, 180, 200);
      expect({800, 400}, {800, 0}, 200, 250);
      expect({800, 0}, {800, 0}, 250, 280);
      expect({800, 0}, {0, 0}, 280, 380);
      expect({0, 0}, {0, 0}, 380, 600);
    }
  }
}

TEST(Bus, WhoIsLateLeavesAtOnceAndABendIsNoStop) {
  const Bus model{.stops = {{0, 0, 60}, {800, 0, 0}, {800, 400, 20}}, .speed_m_per_s = 8,
                  .round_every_s = 100, .there_and_back = false};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 1);
  const auto all = legs(mobility, 0, at_seconds(600));
  EXPECT_EQ(all[0].end, at_seconds(100));
  EXPECT_EQ(all[1].to, (Point{800, 400})) << "no stop at the bend";
  EXPECT_TRUE(all[2].stands());
  EXPECT_EQ(all[3].to, (Point{0, 0}));
  EXPECT_TRUE(all[4].stands());
  EXPECT_EQ(all[4].duration_us(), 60e6) << "long after its time, it stops as long as it must";
}

TEST(Villages, OnlyTheBusTiesThem) {
  const Villagers people{.villages = {{300, 300, 100, 1}, {800, 500, 60, 3}}, .wander_m = 50};
  const Bus bus{.stops = {{300, 300, 60}, {800, 500, 60}}};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(people), 80);
  const NodeIndex driver = mobility.add(make_movement(bus), 1);
  std::size_t small = 0;
  for (NodeIndex node = 0; node < driver; ++node) small += mobility.leg(node).from.x < 500;
  EXPECT_NEAR(static_cast<double>(small), 20, 12) << "by weight";
  ContactFinder finder(mobility, 20, at_seconds(7'200));
  std::vector<bool> met(driver);
  std::vector<bool> in_small(driver);
  for (NodeIndex node = 0; node < driver; ++node) {
    in_small[node] = mobility.leg(node).from.x < 500;
  }
  bool both[2] = {};
  while (const auto change = finder.next()) {
    if (change->b == driver) {
      both[in_small[change->a]] = true;
    } else {
      ASSERT_EQ(in_small[change->a], in_small[change->b]);
    }
  }
  EXPECT_TRUE(both[0] && both[1]) << "the bus meets people of both";
}

TEST(Rooms, PeopleUseDoorsAndComeBack) {
  const Rooms model{.x_m = 100, .y_m = 50, .rooms_per_side = 6, .sides = 2, .stay_max_s = 600};
  Mobility mobility(1, kTown);
  mobility.add(make_movement(model), 40);
  // Rows of rooms from 50 to 56 and from 58 to 64, the corridor between them; rooms are 5 m wide.
  const auto room = [](Point at) {
    if (at.y > 56 + 1e-9 && at.y < 58 - 1e-9) return -1;
    return static_cast<int>((at.x - 100) / 5) + (at.y > 57 ? 6 : 0);
  };
  std::size_t visits = 0;
  for (NodeIndex node = 0; node < mobility.nodes(); ++node) {
    const int home = room(mobility.leg(node).from);
    bool away = false;
    for (const Leg& leg : legs(mobility, node, at_seconds(36'000))) {
      // In the middle of a leg one is in the room of both its ends, or in the corridor.
      const Point middle = (leg.from + leg.to) * .5;
      if (leg.stands()) {
        const bool here = room(leg.from) == home;
        ASSERT_TRUE(!away || here) << "from one visit to the next without coming home";
        away = !here;
        visits += away;
      } else if (room(leg.from) != room(leg.to)) {
        const bool corridor = middle.y >= 56 - 1e-9 && middle.y <= 58 + 1e-9;
        ASSERT_TRUE(corridor) << "through a wall";
      } else {
        ASSERT_EQ(room(middle), room(leg.from));
      }
    }
  }
  EXPECT_GT(visits, 500u);
}

TEST(TracePlayback, EverySampleIsWhereItWas) {
  for (const std::uint64_t seed : test::seeds(5)) {
    const auto trace = drawn_trace(seed);
    trace->interval = std::chrono::milliseconds(500);
    Mobility mobility(1, {100, 100, false});
    mobility.add(make_movement(at_origin(trace, 20)), 7);
    for (NodeIndex node = 0; node < 7; ++node) {
      std::size_t count = 0;
      for (std::size_t sample = 0; sample < trace->samples(); ++sample) {
        const base::Time at = base::Time{} + trace->interval * static_cast<std::int64_t>(sample);
        while (mobility.leg(node).end < at) {
          mobility.advance(node);
          ++count;
        }
        const Position& was = trace->at(sample, node);
        const Rectangle all = extent(*trace);
        const Point expected{was.x_m - all.x_m + 20, was.y_m - all.y_m + 20};
        ASSERT_LT(distance_m(mobility.position_at(node, at), expected), 1e-9);
      }
      EXPECT_LT(count, trace->samples() - 5) << "who stands has one leg";
      while (mobility.leg(node).end != kForever) mobility.advance(node);
      EXPECT_EQ(mobility.leg(node).begin, trace->end());
    }
  }
}

TEST(TracePlayback, TheMarchersContactsAreThoseOfTheirSamples) {
  for (const char* name : {"protest_march_node50_0.npy.gz", "protest_gather_node50_0.npy.gz"}) {
    const std::string path = std::string(CHASKI_SOURCE_DIR) + "/scenarios/traces/" + name;
    const auto content = tools::read_whole_file(path, 16u << 20);
    ASSERT_TRUE(content) << content.error().message;
    auto parsed = parse_position_npy(
        {reinterpret_cast<const std::uint8_t*>(content->data()), content->size()}, name);
    ASSERT_TRUE(parsed) << parsed.error().message();
    const auto trace = std::make_shared<const PositionTrace>(*std::move(parsed));
    const TracePlayback model = at_origin(trace, 1);
    ASSERT_EQ(problem_with(model), "");
    auto movement = make_movement(model);
    const Rectangle bounds = movement->bounds();
    Mobility mobility(1, {bounds.far_corner().x + 1, bounds.far_corner().y + 1, false});
    mobility.add(std::move(movement), trace->nodes);
    ContactFinder finder(mobility, 5, trace->end());
    std::size_t changes = 0;
    for (std::size_t sample = 0; sample < trace->samples(); ++sample) {
      const base::Time at = base::Time{} + trace->interval * static_cast<std::int64_t>(sample);
      while (finder.next_until(at)) ++changes;
      for (NodeIndex a = 0; a < trace->nodes; ++a) {
        const Position& from = trace->at(sample, a);
        const auto near = finder.within_range(a);
        for (NodeIndex b = a + 1; b < trace->nodes; ++b) {
          const Position& to = trace->at(sample, b);
          const double distance = distance_m({from.x_m, from.y_m}, {to.x_m, to.y_m});
          if (std::abs(distance - 5) < 1e-3) continue;
          ASSERT_EQ(std::binary_search(near.begin(), near.end(), b), distance < 5)
              << sample << " " << a << " " << b;
        }
      }
    }
    EXPECT_GT(changes, 1'000u);
  }
}

TEST(Stationary, NobodyMovesAndPlacesAreTaken) {
  Mobility mobility(1, kTown);
  mobility.add(make_movement(Stationary{.area = {}, .places = {{1, 2}, {3, 4}}}), 3);
  mobility.add(make_movement(Stationary{.area = {10, 10, 5, 5}, .places = {}}), 2);
  EXPECT_EQ(mobility.position_at(1, at_seconds(1e6)), (Point{3, 4}));
  EXPECT_EQ(mobility.position_at(2, at_seconds(1e6)), (Point{1, 2}));
  ContactFinder finder(mobility, 3, at_seconds(1e6));
  std::vector<ContactChange> all;
  while (const auto change = finder.next()) all.push_back(*change);
  ASSERT_GE(all.size(), 3u);
  EXPECT_EQ(all[0], (ContactChange{.at = {}, .a = 0, .b = 1, .up = true}));
  EXPECT_EQ(all[1], (ContactChange{.at = {}, .a = 0, .b = 2, .up = true}));
}

}  // namespace
}  // namespace chaski::sim
