// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/sim/sweep/sweep_folder.hpp"

namespace chaski::tools {

/// What many runs of one thing came to.
struct Spread {
  std::size_t count = 0;
  double mean = 0;
  double median = 0;
  /// Half of the interval around the mean in which the true mean lies in 95 of 100 cases, were the
  /// values drawn from a normal distribution (Student's t); nothing of fewer than two.
  std::optional<double> ci95;
};
Spread spread_of(std::vector<double> values);

/// The sweep in figures: each figure of each strategy of each combination, over its seeds.
///
/// Depends on the plan and the records alone; docs/simulator/sweep.md says each key. A figure that
/// a run does not have (a delay when nothing arrived) is left out of its spread.
nlohmann::json sweep_json(const SweepPlan& plan, const SweepRecords& records);
/// The same, a line a combination and strategy.
std::string sweep_csv(const SweepPlan& plan, const nlohmann::json& sweep);
/// The same for a person.
std::string sweep_table(const SweepPlan& plan, const nlohmann::json& sweep);

}  // namespace chaski::tools
