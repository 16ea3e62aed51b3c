// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdio>

#include "sim/ideal/bit_rate_world.hpp"
#include "sim/ideal/instant_world.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/traffic/message_event_generator.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"

namespace chaski::bench {

namespace {

using sim::Strategy;

/// The ONE's default world, with so many nodes who all walk to random waypoints; as dense for each
/// number of them as for the first.
constexpr std::array<std::uint32_t, 3> kNodes = {1'000, 2'000, 4'000};
constexpr double kWidth_m = 4'500;
constexpr double kHeight_m = 3'400;
constexpr double kRange_m = 10;
constexpr base::Time kEnd{std::chrono::hours(12)};

struct Case {
  const char* name;
  Strategy::Kind kind;
};
constexpr std::array<Case, 4> kCases = {{{"epidemic", Strategy::Kind::epidemic},
                                         {"spray and wait, 6 copies", Strategy::Kind::spray_binary},
                                         {"PRoPHETv2", Strategy::Kind::prophet},
                                         {"direct", Strategy::Kind::direct}}};

/// Runs a world over contacts that are found meanwhile, and reports what all of it takes.
template <class Run>
void measure(const std::string& name, std::uint32_t nodes, Report& report, Run&& run) {
  const double scale = std::sqrt(nodes / static_cast<double>(kNodes.front()));
  sim::RandomWaypoint model;
  model.area = {0, 0, kWidth_m * scale, kHeight_m * scale};
  sim::Mobility mobility(1, {kWidth_m * scale, kHeight_m * scale});
  mobility.add(sim::make_movement(model), nodes);
  const double start = cpu_ms();
  sim::ContactFinder contacts(mobility, kRange_m, kEnd);
  const sim::RunResult result = run(contacts);
  const double took = cpu_ms() - start;
  std::uint64_t delivered = 0;
  for (const sim::Outcome& outcome : result.outcomes) delivered += outcome.delivered ? 1u : 0u;
  report.add(fmt::format("{}, {} nodes", name, nodes), took, "ms",
             fmt::format("{} contacts, {} transfers, {} of {} messages delivered", result.contacts,
                         result.totals.transfers_begun, delivered,
                         result.totals.messages_written));
}

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench ideal: it takes no arguments\n");
    return 2;
  }
  for (const std::uint32_t nodes : kNodes) {
    sim::MessageEvents events;
    events.hosts = {0, nodes};
    const sim::MessagePlan plan = sim::message_events(events).value();
    for (const Case& one : kCases) {
      measure(fmt::format("infinite bandwidth, {}", one.name), nodes, report, [&](auto& contacts) {
        sim::InstantRules rules;
        rules.strategy.kind = one.kind;
        return sim::InstantWorld(contacts, plan, rules).run();
      });
      measure(fmt::format("250 kB/s, 5 MB, {}", one.name), nodes, report, [&](auto& contacts) {
        sim::BitRateRules rules;
        rules.strategy.kind = one.kind;
        return sim::BitRateWorld(contacts, plan, rules).run();
      });
    }
  }
  return 0;
}

}  // namespace

Command ideal_command() {
  return {"ideal", "forwarding strategies over ideal links, and by The ONE's rules", run};
}

}  // namespace chaski::bench
