// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/compare.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "sim/contacts/oracle.hpp"
#include "sim/ideal/bit_rate_world.hpp"
#include "sim/ideal/instant_world.hpp"

namespace chaski::sim {
namespace {

double seconds(base::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// Nearest rank.
double quantile(const std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

StrategyRun run_production(const Scenario& scenario, const Stage& stage, const Recording& record) {
  PeopleRules rules;
  rules.record = record;
  rules.seed = scenario.seed;
  rules.links = scenario.links;
  rules.faults = scenario.faults;
  rules.store_bytes_max = scenario.store_bytes_max;
  rules.just_met = scenario.just_met;
  const auto signals = stage.signals ? stage.signals() : nullptr;
  rules.signals = signals.get();
  TraceSource contacts(stage.contacts);
  StrategyRun run;
  run.production = true;
  run.people = run_people(contacts, stage.plan, rules);
  run.result = std::move(run.people.run);
  return run;
}

RunResult run_ideal(const IdealLinks& links, const Stage& stage, const Strategy& strategy,
                    const Recording& record) {
  TraceSource contacts(stage.contacts);
  if (links.instant) {
    const InstantRules rules{.strategy = strategy, .buffer_bytes = links.buffer_bytes};
    return InstantWorld(contacts, stage.plan, rules, record).run();
  }
  BitRateRules rules = links.bit_rate;
  rules.strategy = strategy;
  return BitRateWorld(contacts, stage.plan, rules, record).run();
}

}  // namespace

StrategyRun run_best(const Stage& stage) {
  TraceSource contacts(stage.contacts);
  StrategyRun run;
  run.strategy = "oracle";
  run.result = run_oracle(contacts, stage.plan);
  return run;
}

StrategyRun run_strategy(const Scenario& scenario, const Stage& stage, std::string_view strategy,
                         const Recording& record) {
  StrategyRun run;
  if (strategy == kProduction) {
    run = run_production(scenario, stage, record);
  } else {
    const auto named = strategy_named(strategy);
    CHASKI_ASSERT(named.has_value());
    run.result = run_ideal(scenario.ideal, stage, *named, record);
  }
  run.strategy = strategy;
  return run;
}

RunFigures figures_of(const RunResult& run, const MessagePlan& plan, const RunResult& oracle,
                      PlanPart part) {
  RunFigures figures;
  const bool all = part == PlanPart::all;
  if (all) figures.written = run.totals.messages_written;
  std::vector<double> delays;
  double delivered_bytes = 0;
  double delay_of_both = 0;
  double delay_of_oracle = 0;
  std::uint64_t oracle_delivered = 0;
  std::uint64_t both = 0;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (!all) {
      if (goes_as_file(plan[i]) != (part == PlanPart::files)) continue;
      if (run.was_written(plan, i)) ++figures.written;
    }
    const auto& arrived = run.outcomes[i].delivered;
    const auto& best = oracle.outcomes[i].delivered;
    if (best) ++oracle_delivered;
    if (!arrived) continue;
    delays.push_back(seconds(*arrived - plan[i].at));
    delivered_bytes += plan[i].size_bytes;
    if (!best) continue;
    ++both;
    delay_of_both += delays.back();
    delay_of_oracle += seconds(*best - plan[i].at);
  }
  figures.delivered = delays.size();
  if (figures.written > 0) {
    figures.delivery =
        static_cast<double>(figures.delivered) / static_cast<double>(figures.written);
  }
  std::sort(delays.begin(), delays.end());
  for (const double delay : delays) {
    figures.delay_mean_s += delay / static_cast<double>(delays.size());
  }
  figures.delay_median_s = quantile(delays, .5);
  figures.delay_p90_s = quantile(delays, .9);
  figures.delay_p99_s = quantile(delays, .99);
  if (oracle_delivered > 0) {
    figures.delivery_to_oracle = static_cast<double>(both) / static_cast<double>(oracle_delivered);
  }
  if (delay_of_oracle > 0) figures.delay_to_oracle = delay_of_both / delay_of_oracle;
  if (all && delivered_bytes > 0) {
    figures.bytes_per_delivered_byte = static_cast<double>(run.totals.air_bytes) / delivered_bytes;
  }
  return figures;
}

}  // namespace chaski::sim
