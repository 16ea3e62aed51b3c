// SPDX-License-Identifier: Apache-2.0
// Afraid of: a bus that is late by rounding, villagers who meet without it, people who walk through
// walls, and a recording that is played wrongly.
#include <gtest/gtest.h>

#include "sim/contacts/position_npy.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/stationary.hpp"
#include "sim/mobility/trace_playback.hpp"
#include "sim/mobility/villages.hpp"
#include "tests/seeds.hpp"
#include "tests/sim/mobility/walkers.hpp"
#include "tools/files/whole_file.hpp"

namespace chaski::sim {
namespace {

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
