// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/people/people.hpp"
#include "sim/scenario/stage.hpp"

namespace chaski::sim {

/// One strategy on a stage.
struct StrategyRun {
  std::string strategy;
  RunResult result;
  bool production = false;  ///< production nodes; the rest is of them alone
  PeopleResult people;      ///< its `run` was moved to `result`
};

/// The best that any protocol could do on this stage.
StrategyRun run_best(const Stage& stage);

/// `strategy` is a name that parse_scenario() takes. What is recorded changes nothing of the run.
StrategyRun run_strategy(const Scenario& scenario, const Stage& stage, std::string_view strategy,
                         const Recording& record = {});

/// A run in figures; delays in seconds, of delivered messages.
struct RunFigures {
  std::uint64_t written = 0;
  std::uint64_t delivered = 0;
  double delivery = 0;  ///< of those written
  double delay_mean_s = 0;
  double delay_median_s = 0;
  double delay_p90_s = 0;
  double delay_p99_s = 0;
  double delivery_to_oracle = 0;  ///< delivered, of those that the oracle delivers
  double delay_to_oracle = 0;     ///< sum of delays over that of the oracle, of what both deliver
  double bytes_per_delivered_byte = 0;  ///< of the air; 0 when nothing was delivered
};
/// What of a plan figures are about; `bytes_per_delivered_byte` is of all alone.
enum class PlanPart : std::uint8_t { all, texts, files };
RunFigures figures_of(const RunResult& run, const MessagePlan& plan, const RunResult& oracle,
                      PlanPart part = PlanPart::all);

}  // namespace chaski::sim
