// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"
#include "sim/contacts/one_contacts.hpp"
#include "sim/contacts/oracle.hpp"
#include "sim/mobility/contact_finder.hpp"
#include "sim/mobility/random_waypoint.hpp"
#include "sim/traffic/generators.hpp"
#include "tools/bench/commands.hpp"
#include "tools/bench/cpu_time.hpp"

namespace chaski::bench {

namespace {

constexpr int kRepetitions = 5;
constexpr std::uint32_t kNodes = 1'000;
constexpr double kSide_m = 4'000;
constexpr double kRange_m = 50;
constexpr base::Time kEnd{std::chrono::hours(12)};
constexpr int kMessages = 1'500;

/// How long a call takes, the median of several times.
template <class Call>
double milliseconds(Call&& call) {
  std::array<double, kRepetitions> times;
  for (double& one : times) {
    const double start = cpu_ms();
    call();
    one = cpu_ms() - start;
  }
  std::sort(times.begin(), times.end());
  return times[kRepetitions / 2];
}

sim::ContactTrace walk() {
  sim::RandomWaypoint model;
  model.area = {0, 0, kSide_m, kSide_m};
  sim::Mobility mobility(1, {kSide_m, kSide_m});
  mobility.add(sim::make_movement(model), kNodes);
  sim::ContactFinder finder(mobility, kRange_m, kEnd);
  return sim::collect(finder);
}

int run(const std::vector<std::string>& arguments, Report& report) {
  if (!arguments.empty()) {
    fmt::print(stderr, "chaski-bench contacts: it takes no arguments\n");
    return 2;
  }
  sim::ContactTrace trace;
  report.add("finding all contacts", milliseconds([&] { trace = walk(); }), "ms",
             "1,000 nodes, random waypoint, 4 km square, range 50 m, 12 h");
  report.add("changes of contacts", static_cast<double>(trace.changes.size()), "");

  base::SeededRandom random(1);
  sim::Rhythm rhythm;
  rhythm.until = kEnd;
  rhythm.interval_min = rhythm.interval_max = (kEnd - base::Time{}) / kMessages;
  const sim::MessagePlan plan = sim::one_to_one(random, rhythm, kNodes);
  for (const bool hops : {true, false}) {
    report.add(hops ? "oracle" : "oracle without hops", milliseconds([&] {
                 sim::TraceSource source(trace);
                 (void)sim::run_oracle(source, plan, {.hops = hops});
               }),
               "ms", fmt::format("{} messages", plan.size()));
  }

  std::string text;
  const double write_ms = milliseconds([&] { text = sim::one_contacts_text(trace); });
  report.add("writing as The ONE's events", write_ms, "ms",
             fmt::format("{} MB", text.size() / 1'000'000));
  sim::OneContactsOptions options;
  options.hosts = kNodes;
  bool read = true;
  report.add("reading them", milliseconds([&] {
               read &= sim::parse_one_contacts(text, "bench", options).has_value();
             }),
             "ms");
  return read ? 0 : 1;
}

}  // namespace

Command contacts_command() {
  return {"contacts", "the simulator's contacts: to find, to write, to read, and the oracle", run};
}

}  // namespace chaski::bench
