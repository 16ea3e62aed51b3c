// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <numbers>

#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/random_direction.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"

namespace chaski::bench {

namespace {

constexpr double kCrowdRange_m = 30;
constexpr double kCrowdDegree = 10;  ///< of uniform places; random waypoint makes 14 of it

double peak_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1e3;
}

struct Found {
  double cpu_s = 0;
  std::uint64_t begun = 0;  ///< contacts after time 0
  std::uint64_t changes = 0;
};

Found find(sim::Mobility& mobility, double range_m, double seconds) {
  Found found;
  const double start = cpu_s();
  sim::ContactFinder finder(mobility, range_m, sim::at_seconds(seconds));
  while (const auto change = finder.next()) {
    found.begun += change->up && change->at > base::Time{};
    ++found.changes;
  }
  found.cpu_s = cpu_s() - start;
  return found;
}

Found walk(std::uint32_t nodes, double width_m, double height_m, double range_m, double seconds) {
  sim::RandomWaypoint model;
  model.area = {0, 0, width_m, height_m};
  sim::Mobility mobility(1, {width_m, height_m});
  mobility.add(sim::make_movement(model), nodes);
  return find(mobility, range_m, seconds);
}

void add_crowd(Report& report, std::uint32_t nodes, double minutes) {
  const double side_m = std::sqrt(nodes * std::numbers::pi / kCrowdDegree) * kCrowdRange_m;
  const Found found = walk(nodes, side_m, side_m, kCrowdRange_m, minutes * 60);
  report.add(fmt::format("{} in a crowd, {} min", nodes, minutes), found.cpu_s, "s",
             fmt::format("{} changes, {:.0f} ns each, {:.0f} MB", found.changes,
                         found.cpu_s * 1e9 / static_cast<double>(found.changes), peak_mb()));
}

/// Meetings of 400 who walk at 1.5 m/s in a square of 1 km for 50,000 s, beside theory.
void add_rate(Report& report, bool torus) {
  constexpr double kSide_m = 1'000;
  constexpr double kRange_m = 5;
  constexpr double kSpeed = 1.5;
  constexpr std::uint32_t kNodes = 400;
  constexpr double kSeconds = 50'000;
  sim::Mobility mobility(1, {kSide_m, kSide_m, torus});
  if (torus) {
    mobility.add(sim::make_movement(sim::RandomDirection{
                     .width_m = kSide_m, .height_m = kSide_m, .speed_min_m_per_s = kSpeed,
                     .speed_max_m_per_s = kSpeed}),
                 kNodes);
  } else {
    mobility.add(sim::make_movement(sim::RandomWaypoint{
                     .area = {0, 0, kSide_m, kSide_m}, .speed_min_m_per_s = kSpeed,
                     .speed_max_m_per_s = kSpeed, .pause_max_s = 0}),
                 kNodes);
  }
  const Found found = find(mobility, kRange_m, kSeconds);
  const double rate = (torus ? 1 : 1.3683) * 8 * kRange_m * kSpeed /
                      (std::numbers::pi * kSide_m * kSide_m);
  const double expected = rate * kSeconds * kNodes * (kNodes - 1) / 2;
  report.add(torus ? "meetings on a torus, by theory" : "meetings by waypoints, by theory",
             static_cast<double>(found.begun) / expected, "",
             fmt::format("{} contacts", found.begun));
}

int run(const std::vector<std::string>& arguments, Report& report) {
  const bool large = arguments == std::vector<std::string>{"--large"};
  if (!arguments.empty() && !large) {
    fmt::print(stderr, "chaski-bench mobility: it takes --large or nothing\n");
    return 2;
  }
  const Found day = walk(1'000, 4'500, 3'400, 10, 12 * 3'600);
  report.add("1000 in a city, 12 h", day.cpu_s, "s",
             fmt::format("4500 x 3400 m, range 10 m, {} changes", day.changes));
  for (const std::uint32_t nodes : {1'000u, 3'000u, 10'000u, 30'000u}) {
    add_crowd(report, nodes, 10);
  }
  if (large) add_crowd(report, 100'000, 60);
  add_rate(report, true);
  add_rate(report, false);
  return 0;
}

}  // namespace

Command mobility_command() {
  return {"mobility", "people who walk: to find their contacts; --large: 100,000 for an hour", run};
}

}  // namespace chaski::bench
