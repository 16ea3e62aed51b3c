// SPDX-License-Identifier: Apache-2.0
// Afraid of: a scenario whose parameters are taken and then end the program.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "sim/mobility/blockade.hpp"
#include "sim/mobility/bus.hpp"
#include "sim/mobility/gathering.hpp"
#include "sim/mobility/march.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/rooms.hpp"
#include "sim/mobility/villages.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

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

TEST(WildParameters, WhatIsTakenRunsHoweverWild) {
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

}  // namespace
}  // namespace chaski::sim
