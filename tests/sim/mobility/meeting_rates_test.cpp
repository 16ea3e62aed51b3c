// SPDX-License-Identifier: Apache-2.0
// Afraid of: contacts that are consistent and still not those of theory. Rates are from the kinetic
// theory of meetings (Groenevelt, Nain and Koole, "The message delay in mobile ad hoc networks",
// 2005): two who walk at speed v meet at rate b = 8 r v / (pi side^2) on a torus, and 1.3683 times
// that by random waypoint in a square, whose nodes draw to the middle; a contact lasts
// pi^2 r / (8 v) in the mean.
#include <gtest/gtest.h>

#include <numbers>

#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"

namespace chaski::sim {
namespace {

using std::numbers::pi;

struct Meetings {
  double begun = 0;         ///< after time 0
  double pair_seconds = 0;  ///< in contact, of all pairs
  double ended = 0;
};

/// Reads a world to its end; contacts of time 0, which are of length-biased kind, are left out.
Meetings meetings(ContactSource& contacts) {
  Meetings out;
  std::vector<std::vector<std::pair<NodeIndex, base::Time>>> open(contacts.nodes());
  while (const auto change = contacts.next()) {
    auto& of_a = open[change->a];
    if (change->up) {
      if (change->at == base::Time{}) continue;
      ++out.begun;
      of_a.emplace_back(change->b, change->at);
      continue;
    }
    const auto found = std::find_if(of_a.begin(), of_a.end(),
                                    [&](const auto& pair) { return pair.first == change->b; });
    if (found == of_a.end()) continue;
    ++out.ended;
    out.pair_seconds += to_seconds(change->at - found->second);
    of_a.erase(found);
  }
  return out;
}

constexpr double kSide_m = 1'000;
constexpr double kRange_m = 5;
constexpr double kSpeed = 1.5;
constexpr std::uint32_t kNodes = 400;
constexpr double kSeconds = 60'000;
constexpr double kPairs = kNodes * (kNodes - 1) / 2.0;
constexpr double kTorusRate = 8 * kRange_m * kSpeed / (pi * kSide_m * kSide_m);
constexpr double kMeanContact_s = pi * pi * kRange_m / (8 * kSpeed);

Meetings run(std::unique_ptr<Movement> movement, bool torus) {
  Mobility mobility(1, {kSide_m, kSide_m, torus});
  mobility.add(std::move(movement), kNodes);
  ContactFinder finder(mobility, kRange_m, at_seconds(kSeconds));
  return meetings(finder);
}

/// With 90,000 contacts and more the counting error is a third of a percent.
void expect_theory(const Meetings& got, double rate) {
  EXPECT_GT(got.begun, 90'000) << "too few to tell";
  EXPECT_NEAR(got.begun / (kPairs * kSeconds * rate), 1, .02);
  EXPECT_NEAR(got.pair_seconds / got.ended / kMeanContact_s, 1, .02);
}

TEST(MeetingRates, RandomDirectionOnATorusIsWhatTheorySays) {
  const RandomDirection model{.width_m = kSide_m, .height_m = kSide_m, .speed_min_m_per_s = kSpeed,
                              .speed_max_m_per_s = kSpeed};
  expect_theory(run(make_movement(model), true), kTorusRate);
}

TEST(MeetingRates, RandomWaypointIsWhatTheorySays) {
  const RandomWaypoint model{.area = {0, 0, kSide_m, kSide_m}, .speed_min_m_per_s = kSpeed,
                             .speed_max_m_per_s = kSpeed, .pause_min_s = 0, .pause_max_s = 0};
  expect_theory(run(make_movement(model), false), 1.3683 * kTorusRate);
}

}  // namespace
}  // namespace chaski::sim
