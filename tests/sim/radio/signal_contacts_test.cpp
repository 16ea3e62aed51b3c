// SPDX-License-Identifier: Apache-2.0
// Contacts by signal. Afraid of: contacts that are others than the disc's where the disc is right,
// two who hear each other and whom the grid does not compare, a pair that is compared twice, a
// contact that somebody else's being there changes though no body is in between.
#include "sim/radio/signal_contacts.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/mobility/stationary.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using Pairs = std::set<std::pair<NodeIndex, NodeIndex>>;

PathLoss without_bodies() {
  PathLoss model;
  model.carried_db = model.body_db = model.shadowing_db = 0;
  model.exponent = 3.5;
  return model;
}

std::unique_ptr<Mobility> walkers(std::uint64_t seed, const Area& area, std::uint32_t nodes) {
  auto mobility = std::make_unique<Mobility>(seed, area);
  if (area.torus) {
    RandomDirection model;
    model.width_m = area.width_m;
    model.height_m = area.height_m;
    mobility->add(make_movement(model), nodes);
  } else {
    RandomWaypoint model;
    model.area = area.rectangle();
    model.pause_max_s = 30;
    mobility->add(make_movement(model), nodes);
  }
  return mobility;
}

/// Who is in contact at each of the times 0, step, 2 step ...
std::vector<Pairs> at_steps(const ContactTrace& trace, base::Duration step) {
  std::vector<Pairs> all;
  Pairs now;
  std::size_t next = 0;
  for (base::Time at{}; at <= trace.end; at += step) {
    for (; next < trace.changes.size() && trace.changes[next].at <= at; ++next) {
      const ContactChange& change = trace.changes[next];
      if (change.up) {
        now.insert({change.a, change.b});
      } else {
        now.erase({change.a, change.b});
      }
    }
    all.push_back(now);
  }
  return all;
}

TEST(SignalContacts, without_shadows_and_bodies_are_the_disc_of_the_computed_range) {
  for (const auto seed : test::seeds(6)) {
    for (const bool torus : {false, true}) {
      SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed) + (torus ? " on a torus" : ""));
      const Area area{300, 250, torus};
      PathLoss model = without_bodies();
      model.sample = seed % 2 == 0 ? 1s : base::Duration(700ms);
      const base::Time end = base::Time{} + 10min;
      SignalField field(walkers(seed, area, 60), model, seed);
      SignalContacts source(field, model.sample, end);
      const ContactTrace heard = collect(source);
      ASSERT_TRUE(is_well_formed(heard));

      const auto mobility = walkers(seed, area, 60);
      const double range = reach_m(model, 0, 0);
      EXPECT_NEAR(range, std::pow(10, 1.6), 1e-6);
      ContactFinder finder(*mobility, range, end);
      const ContactTrace disc = collect(finder);
      EXPECT_GT(disc.changes.size(), 1'000u);
      const auto by_signal = at_steps(heard, model.sample);
      const auto by_disc = at_steps(disc, model.sample);
      ASSERT_EQ(by_signal.size(), by_disc.size());
      for (std::size_t i = 0; i < by_disc.size(); ++i) ASSERT_EQ(by_signal[i], by_disc[i]) << i;
    }
  }
}

TEST(SignalContacts, are_of_all_who_hear_each_other_whatever_the_grid) {
  for (const auto seed : test::seeds(8)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    const Area area{20 + 200 * random.unit(), 20 + 200 * random.unit(), seed % 3 == 0};
    PathLoss model;
    model.exponent = 2.5 + random.unit();
    SignalField field(walkers(seed, area, 120), model, seed);
    SignalField again(walkers(seed, area, 120), model, seed);
    const auto mobility = walkers(seed, area, 120);
    for (base::Time at{}; at <= base::Time{} + 60s; at += 10s) {
      std::vector<Point> places;
      for (NodeIndex node = 0; node < 120; ++node) {
        while (mobility->leg(node).end < at) mobility->advance(node);
        places.push_back(mobility->position_at(node, at));
      }
      const auto way = [&](NodeIndex a, NodeIndex b) {
        return length_m(area.way(places[a], places[b]));
      };
      std::vector<double> crowd(120);
      for (NodeIndex a = 0; a < 120; ++a) {
        for (NodeIndex b = 0; b < 120; ++b) {
          if (a != b && way(a, b) <= 5) crowd[a] += 1 / (M_PI * 25);
        }
      }
      std::vector<std::uint64_t> expected;
      const auto pairs = field.who_hear_each_other(at);
      for (NodeIndex a = 0; a < 120; ++a) {
        ASSERT_NEAR(field.crowd_around(a), crowd[a], 1e-9);
        for (NodeIndex b = a + 1; b < 120; ++b) {
          const double signal = mean_signal_dbm(model, way(a, b), (crowd[a] + crowd[b]) / 2) +
                                shadowing_db(model, seed, a, b, at);
          ASSERT_NEAR(again.signal_dbm(a, b, at), signal, 1e-6);
          if (signal >= model.sensitivity_dbm) expected.push_back(std::uint64_t{a} << 32 | b);
        }
      }
      EXPECT_GT(expected.size(), 10u);
      EXPECT_EQ(pairs, expected);
    }
  }
}

TEST(SignalContacts, in_a_crowd_reach_less_far) {
  const auto mean_neighbours = [](std::uint32_t nodes, double side_m) {
    const Area area{side_m, side_m, false};
    PathLoss model;
    model.shadowing_db = 0;
    auto mobility = std::make_unique<Mobility>(5, area);
    Stationary model_of_places;
    model_of_places.area = area.rectangle();
    mobility->add(make_movement(model_of_places), nodes);
    SignalField field(std::move(mobility), model, 5);
    return 2.0 * static_cast<double>(field.who_hear_each_other(base::Time{}).size()) / nodes;
  };
  // Ten times as many on the same ground, and nobody hears ten times as many.
  const double thin = mean_neighbours(100, 100);
  const double dense = mean_neighbours(1'000, 100);
  EXPECT_GT(thin, 10);
  EXPECT_LT(dense, 4 * thin);
}

TEST(SignalContacts, of_one_seed_are_the_same_and_a_fade_ends_none) {
  const Area area{150, 150, false};
  const PathLoss model;
  const base::Time end = base::Time{} + 15min;
  const auto contacts = [&](std::uint64_t seed) {
    SignalField field(walkers(3, area, 30), model, seed);
    SignalContacts source(field, model.sample, end);
    return collect(source);
  };
  const ContactTrace trace = contacts(7);
  EXPECT_EQ(trace.changes, contacts(7).changes);
  EXPECT_NE(trace.changes, contacts(8).changes) << "other shadows";

  const ContactTrace bridged = without_fades(trace, model.fade);
  ASSERT_TRUE(is_well_formed(bridged));
  EXPECT_LT(bridged.changes.size(), trace.changes.size());
  EXPECT_EQ(without_fades(trace, 0s).changes, trace.changes);
  // Nothing is lost, nothing but gaps is added, and no short gap is left.
  const auto before = at_steps(trace, 1s);
  const auto after = at_steps(bridged, 1s);
  std::map<std::pair<NodeIndex, NodeIndex>, std::size_t> last;
  for (std::size_t i = 0; i < after.size(); ++i) {
    for (const auto& pair : before[i]) ASSERT_TRUE(after[i].contains(pair));
    for (const auto& pair : after[i]) {
      const auto seen = last.find(pair);
      if (seen != last.end() && seen->second + 1 < i) {
        ASSERT_GT(i - 1 - seen->second, 3u);
      }
      last[pair] = i;
    }
  }
}

}  // namespace
}  // namespace chaski::sim
