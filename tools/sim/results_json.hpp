// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "sim/scenario/compare.hpp"

namespace chaski::tools {

/// What a run or a comparison came to, for programs; docs/simulator/results.md says each key.
///
/// The first run must be the oracle's.
nlohmann::json results_json(const std::string& name, const sim::Scenario& scenario,
                            const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs);

/// One run without what became of each message: the keys of `runs` but for outcomes and series.
nlohmann::json run_figures_json(const sim::StrategyRun& run, const sim::RunFigures& figures);

/// A line a strategy and message:
/// `strategy,message,from,to,at_s,delivered_s,hops,carriers,kind,group`.
std::string results_csv(const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs);

/// The table that a person sees.
std::string results_table(const sim::Stage& stage, const std::vector<sim::StrategyRun>& runs);

}  // namespace chaski::tools
