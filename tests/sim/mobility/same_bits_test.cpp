// SPDX-License-Identifier: Apache-2.0
// Afraid of: a result that another compiler or processor does not give. These hashes were the same
// with g++ and clang++, at -O0 to -O3, on x86-64 and on AArch64. When a model changes on purpose,
// they change.
#include <gtest/gtest.h>

#include "sim/mobility/blockade.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/map_walk.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/town_streets.hpp"
#include "sim/mobility/villages.hpp"
#include "tests/sim/mobility/walkers.hpp"

namespace chaski::sim {
namespace {

/// FNV-1a over the numbers of all changes.
std::uint64_t hash_of(Mobility& mobility, double seconds) {
  ContactFinder finder(mobility, 15, at_seconds(seconds));
  std::uint64_t hash = 1'469'598'103'934'665'603;
  const auto add = [&](std::uint64_t value) { hash = (hash ^ value) * 1'099'511'628'211; };
  while (const auto change = finder.next()) {
    add(static_cast<std::uint64_t>(base::to_us(change->at)));
    add(change->a);
    add(change->b);
    add(change->up ? 1 : 0);
  }
  return hash;
}

TEST(SameBits, RandomWaypoint) {
  Mobility mobility(7, {1'000, 1'000, false});
  mobility.add(make_movement(RandomWaypoint{.area = {0, 0, 1'000, 1'000}}), 300);
  EXPECT_EQ(hash_of(mobility, 36'000), 0x592e40fd27cf73c2);
}

TEST(SameBits, RandomDirectionOnATorus) {
  Mobility mobility(7, {1'000, 1'000, true});
  mobility.add(make_movement(RandomDirection{.width_m = 1'000, .height_m = 1'000}), 300);
  EXPECT_EQ(hash_of(mobility, 36'000), 0x251cf3548ea3af77);
}

TEST(SameBits, EverybodyElse) {
  base::SeededRandom random(1);
  const auto streets = std::make_shared<const StreetGraph>(
      make_streets({.area = kTown.rectangle()}, random));
  Mobility mobility(7, kTown);
  mobility.add(make_movement(MapWalk{.streets = streets}), 100);
  mobility.add(make_movement(Gathering{.town = kTown.rectangle(), .streets = streets,
                                       .square_x_m = 500, .square_y_m = 400}),
               100);
  mobility.add(make_movement(March{.route = kRoute}), 100);
  mobility.add(make_movement(Blockade{.area = kTown.rectangle()}), 100);
  const Villagers villagers{.villages = {{300, 300, 100, 1}, {700, 500, 150, 3}}};
  mobility.add(make_movement(villagers), 100);
  mobility.add(make_movement(Bus{.stops = {{0, 0, 60}, {500, 10, 30}, {900, 700, 10}}}), 3);
  mobility.add(make_movement(Rooms{}), 50);
  EXPECT_EQ(hash_of(mobility, 20'000), 0x59182b600bd02dd7);
}

}  // namespace
}  // namespace chaski::sim
