// SPDX-License-Identifier: Apache-2.0
// Afraid of: a contact that is missed because somebody was in the wrong cell, that begins or ends
// at the wrong time, or that depends on anything but the seed. The oracle walks in small steps over
// legs of its own and compares all pairs.
#include "sim/mobility/contact_finder.hpp"

#include <gtest/gtest.h>

#include <map>

#include "sim/mobility/blockade.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/draw.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/map_walk.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/town_streets.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

/// Legs of whole seconds between places of a coarse raster: many of them begin at once, end where
/// others end, run side by side and touch the range exactly.
class RasterMovement final : public Movement {
 public:
  RasterMovement(Rectangle area, double raster_m) : area_(area), raster_m_(raster_m) {}
  Rectangle bounds() const override { return area_; }
  Leg first(std::uint32_t, base::Random& random) override {
    return from(place(random), {}, random);
  }
  Leg next(std::uint32_t, const Leg& last, base::Random& random) override {
    return from(last.to, last.end, random);
  }

 private:
  Point place(base::Random& random) const {
    const auto along = [&](double side) {
      return raster_m_ *
             static_cast<double>(random.below(static_cast<std::uint64_t>(side / raster_m_) + 1));
    };
    const double x = along(area_.width_m);
    return {x, along(area_.height_m)};
  }
  Leg from(Point where, base::Time begin, base::Random& random) const {
    const Point to = random.below(4) == 0 ? where : place(random);
    return {where, to, begin, begin + leg_time(static_cast<double>(1 + random.below(20)))};
  }
  Rectangle area_;
  double raster_m_;
};

/// People of every other kind, in an area of 300 by 200 m.
void add_mixture(Mobility& mobility, std::uint32_t nodes) {
  const std::uint32_t some = nodes / 6 + 1;
  base::SeededRandom random(nodes);
  const auto streets = std::make_shared<const StreetGraph>(
      make_streets({.area = {0, 0, 300, 200}, .block_m = 30}, random));
  mobility.add(make_movement(MapWalk{.streets = streets, .pause_max_s = 20}), some);
  mobility.add(make_movement(Gathering{.town = {0, 0, 300, 200}, .square_x_m = 150,
                                       .square_y_m = 100, .square_radius_m = 20,
                                       .leave_max_s = 20, .milling = {.pause_max_s = 9}}),
               some);
  mobility.add(make_movement(March{.route = {{20, 30}, {150, 20}, {160, 120}, {40, 150}},
                                   .column_length_m = 60, .speed_m_per_s = 3, .start_s = 10}),
               some);
  mobility.add(make_movement(Bus{.stops = {{10, 10, 9}, {280, 20, 0}, {290, 180, 5}},
                                 .headway_s = 7}),
               some);
  mobility.add(make_movement(Rooms{.x_m = 100, .y_m = 80, .stay_min_s = 1, .stay_max_s = 20}),
               some);
  const Blockade blockade{.area = {0, 0, 300, 200}, .strip_m = 140, .strip_width_m = 20,
                          .gate_m = 100, .pass_every_min_s = 5, .pass_every_max_s = 30};
  mobility.add(make_movement(blockade), some);
}

struct Scene {
  Area area;
  double range_m = 0;
  std::uint32_t nodes = 0;
  std::uint64_t seed = 0;
  int model = 0;
  RandomWaypoint waypoint;
  RandomDirection direction;

  Mobility mobility() const {
    Mobility out(seed, area);
    if (model == 0) out.add(make_movement(waypoint), nodes);
    if (model == 1) out.add(make_movement(direction), nodes);
    if (model == 2) {
      out.add(std::make_unique<RasterMovement>(area.rectangle(), range_m / 2), nodes);
    }
    if (model == 3) add_mixture(out, nodes);
    return out;
  }
};

Scene draw_scene(std::uint64_t seed) {
  base::SeededRandom random(seed * 1'000'003);
  Scene scene;
  scene.seed = seed;
  scene.model = static_cast<int>(seed % 4);
  scene.area = {draw_between(random, 50, 300), draw_between(random, 50, 300), scene.model == 1};
  if (scene.model == 2) scene.area.torus = random.below(2) == 0;
  if (scene.model == 3) scene.area = {300, 200, false};
  scene.nodes = static_cast<std::uint32_t>(2 + random.below(60));
  // From hardly anybody in range to so many that the range is what makes cells no smaller.
  const double range_max_m =
      scene.area.torus ? kTorusRangeMax * std::min(scene.area.width_m, scene.area.height_m) : 50;
  scene.range_m = draw_between(random, 1, random.below(2) == 0 ? range_max_m : 5);
  const double speed = draw_between(random, .2, 20);
  scene.waypoint.area = scene.area.rectangle();
  // Sometimes all in one corner, where cells must be divided.
  if (random.below(3) == 0) {
    scene.waypoint.area = {1, 1, scene.area.width_m / 4, scene.area.height_m / 4};
  }
  scene.waypoint.speed_min_m_per_s = speed;
  scene.waypoint.speed_max_m_per_s = speed * 2;
  scene.waypoint.pause_max_s = random.below(2) == 0 ? 0 : 10;
  scene.waypoint.stationary_start = random.below(2) == 0;
  scene.direction = {.width_m = scene.area.width_m, .height_m = scene.area.height_m,
                     .speed_min_m_per_s = speed, .speed_max_m_per_s = speed * 2,
                     .travel_min_s = 1, .travel_max_s = random.below(2) == 0 ? 5. : 100.,
                     .pause_min_s = 0, .pause_max_s = random.below(2) == 0 ? 0. : 5.};
  return scene;
}

/// The naive way: everybody's place, from legs that are walked here.
class NaiveWorld {
 public:
  explicit NaiveWorld(const Scene& scene) : mobility_(scene.mobility()) {}
  Point place(NodeIndex node, base::Time at) {
    while (mobility_.leg(node).end < at) mobility_.advance(node);
    return mobility_.position_at(node, at);
  }
  double distance(NodeIndex a, NodeIndex b, base::Time at) {
    Point way = place(b, at) - place(a, at);
    if (mobility_.area().torus) {
      const auto [width_m, height_m, torus] = mobility_.area();
      for (const double x : {way.x - width_m, way.x + width_m}) {
        if (std::abs(x) < std::abs(way.x)) way.x = x;
      }
      for (const double y : {way.y - height_m, way.y + height_m}) {
        if (std::abs(y) < std::abs(way.y)) way.y = y;
      }
    }
    return length_m(way);
  }

 private:
  Mobility mobility_;
};

/// Nearer than this to the range, the last microsecond decides: the raster has some at 400 m/s.
constexpr double kDoubt_m = 1e-3;

using Pair = std::pair<NodeIndex, NodeIndex>;

void expect_naive(const Scene& scene, base::Time end, base::Duration step) {
  Mobility mobility = scene.mobility();
  ContactFinder finder(mobility, scene.range_m, end);
  NaiveWorld naive(scene);
  std::map<Pair, bool> together;
  base::Time last{};
  std::uint64_t agreed = 0;
  for (base::Time at{}; at <= end; at += step) {
    while (const auto change = finder.next_until(at)) {
      ASSERT_LE(last, change->at);
      ASSERT_LT(change->a, change->b);
      last = change->at;
      bool& now = together[{change->a, change->b}];
      ASSERT_NE(now, change->up) << "up and down alternate";
      now = change->up;
      const double distance = finder.distance_m(change->a, change->b, change->at);
      if (change->up && change->at == base::Time{}) {
        ASSERT_LE(distance, scene.range_m + kDoubt_m);
      } else {
        ASSERT_NEAR(distance, scene.range_m, kDoubt_m) << change->a << " " << change->b;
      }
    }
    for (NodeIndex a = 0; a < finder.nodes(); ++a) {
      ASSERT_LT(distance_m(naive.place(a, at), finder.position(a, at)), 1e-6);
      const auto near = finder.within_range(a);
      ASSERT_TRUE(std::is_sorted(near.begin(), near.end()));
      for (NodeIndex b = a + 1; b < finder.nodes(); ++b) {
        const double distance = naive.distance(a, b, at);
        ASSERT_NEAR(distance, finder.distance_m(a, b, at), 1e-6);
        const bool found = std::binary_search(near.begin(), near.end(), b);
        ASSERT_EQ((together[{a, b}]), found);
        if (std::abs(distance - scene.range_m) < kDoubt_m) continue;
        ASSERT_EQ(found, distance < scene.range_m)
            << a << " " << b << " at " << base::to_us(at) << ", " << distance << " m";
        agreed += found;
      }
    }
  }
  if (scene.nodes > 30 && scene.model != 1) {
    EXPECT_GT(agreed, 0u) << "nobody ever met";
  }
}

TEST(ContactFinder, FindsWhatStepsFindAndAtItsTime) {
  for (const std::uint64_t seed : test::seeds(30)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    expect_naive(draw_scene(seed), at_seconds(60), std::chrono::milliseconds(125));
    if (testing::Test::HasFatalFailure()) return;
  }
}

std::vector<ContactChange> all(const Scene& scene, base::Time end) {
  Mobility mobility = scene.mobility();
  ContactFinder finder(mobility, scene.range_m, end);
  std::vector<ContactChange> out;
  while (const auto change = finder.next()) out.push_back(*change);
  return out;
}

TEST(ContactFinder, TheSameSeedGivesTheSameBits) {
  for (const std::uint64_t seed : test::seeds(9)) {
    const Scene scene = draw_scene(seed);
    const auto once = all(scene, at_seconds(300));
    EXPECT_TRUE(once == all(scene, at_seconds(300)));
    Scene other = scene;
    ++other.seed;
    if (!once.empty() && once.back().at > base::Time{}) {
      EXPECT_FALSE(once == all(other, at_seconds(300)));
    }
  }
}

TEST(ContactFinder, OneMoreNodeChangesNoOthersContacts) {
  for (const std::uint64_t seed : test::seeds(9)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    Scene scene = draw_scene(seed);
    if (scene.model == 3) continue;  // a node more there is one in several groups
    const auto before = all(scene, at_seconds(300));
    const NodeIndex added = scene.nodes++;
    std::vector<ContactChange> after = all(scene, at_seconds(300));
    std::erase_if(after, [&](const ContactChange& change) { return change.b == added; });
    if (!scene.area.torus) {
      EXPECT_TRUE(before == after);
      continue;
    }
    // Around a torus the last bit hangs on when somebody went around: touches come and go.
    if (scene.model == 2) continue;
    ASSERT_EQ(before.size(), after.size());
    for (std::size_t i = 0; i < before.size(); ++i) {
      EXPECT_LE(std::abs((before[i].at - after[i].at).count()), 1);
    }
  }
}

TEST(ContactFinder, DownComesBeforeUpAndNeverAtOneTimeForOnePair) {
  for (const std::uint64_t seed : test::seeds(12)) {
    SCOPED_TRACE(testing::Message() << "CHASKI_SEED=" << seed);
    Scene scene = draw_scene(seed);
    scene.model = 2;  // where much happens at one time
    std::map<Pair, base::Time> last;
    ContactChange previous{.at = {}, .a = 0, .b = 0, .up = false};
    for (const ContactChange& change : all(scene, at_seconds(300))) {
      if (change.at == previous.at) {
        EXPECT_GE(change.up, previous.up);
      }
      const auto [found, fresh] = last.try_emplace({change.a, change.b}, change.at);
      if (!fresh) {
        EXPECT_LT(found->second, change.at);
      }
      found->second = change.at;
      previous = change;
    }
  }
}

TEST(ContactFinder, WorkGrowsWithNodesAndNotWithPairs) {
  const auto candidates_each = [](std::uint32_t nodes) {
    const double side_m = std::sqrt(nodes / .03);
    Mobility mobility(1, {side_m, side_m, false});
    mobility.add(make_movement(RandomWaypoint{.area = mobility.area().rectangle()}), nodes);
    ContactFinder finder(mobility, 10, at_seconds(60));
    while (finder.next()) continue;
    return static_cast<double>(finder.costs().candidates) / nodes;
  };
  EXPECT_LT(candidates_each(4'000), 1.3 * candidates_each(500));
}

TEST(ContactFinder, ACrowdInOneCornerIsNotComparedWithItself) {
  // 1,500 people on a hundredth of the area: a node a cell would be a hundred in the crowd's.
  Mobility mobility(1, {10'000, 10'000, false});
  mobility.add(make_movement(RandomWaypoint{.area = {0, 0, 1'000, 1'000}, .pause_max_s = 0}),
               1'500);
  ContactFinder finder(mobility, 10, at_seconds(1'800));
  while (finder.next()) continue;
  const FinderCosts& costs = finder.costs();
  EXPECT_LT(costs.candidates, 30 * (costs.legs + costs.crossings) + 450'000);
}

}  // namespace
}  // namespace chaski::sim
