// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/point.hpp"

#include "sim/scenario/compare.hpp"
#include "tools/sim/crypto/link_crypto.hpp"
#include "tools/sim/failure.hpp"
#include "tools/sim/results_json.hpp"

namespace chaski::tools {

nlohmann::json run_point(const SweepPlan& plan, std::size_t point) {
  const sim::Scenario scenario = plan.scenario_of(point);
  const auto stage = sim::set_stage(scenario, stage_options(plan.file(), 0));
  if (!stage) throw Failure{2, stage.error()};
  set_link_crypto(scenario.stand_in_links ? LinkCrypto::stand_in : LinkCrypto::real);
  nlohmann::json runs = nlohmann::json::array();
  const sim::StrategyRun best = sim::run_best(*stage);
  runs.push_back(run_figures_json(best, figures_of(best.result, stage->plan, best.result)));
  for (const std::string& name : scenario.strategies) {
    const sim::StrategyRun run = sim::run_strategy(scenario, *stage, name);
    runs.push_back(run_figures_json(run, figures_of(run.result, stage->plan, best.result)));
  }
  return {{"point", point},
          {"set", plan.set_of(plan.combination_of(point))},
          {"seed", plan.seed_of(point)},
          {"nodes", stage->contacts.nodes},
          {"messages", stage->plan.size()},
          {"runs", std::move(runs)}};
}

}  // namespace chaski::tools
