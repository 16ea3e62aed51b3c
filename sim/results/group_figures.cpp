// SPDX-License-Identifier: Apache-2.0
#include "sim/results/group_figures.hpp"

#include <algorithm>
#include <map>

#include "base/assert.hpp"

namespace chaski::sim {
namespace {

struct GroupRow {
  std::uint32_t members = 0;
  bool written = false;
  std::vector<base::Duration> delays;
};

double lower_median_s(std::vector<base::Duration> delays) {
  if (delays.empty()) return 0;
  std::sort(delays.begin(), delays.end());
  return std::chrono::duration<double>(delays[(delays.size() - 1) / 2]).count();
}

}  // namespace

std::vector<GroupOutcome> group_outcomes(const RunResult& run, const MessagePlan& plan) {
  CHASKI_ASSERT(run.outcomes.size() == plan.size());
  std::map<std::uint32_t, GroupRow> rows;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (!plan[i].group) continue;
    GroupRow& row = rows[*plan[i].group];
    ++row.members;
    row.written = row.written || run.was_written(plan, i);
    if (const auto& at = run.outcomes[i].delivered) row.delays.push_back(*at - plan[i].at);
  }
  std::vector<GroupOutcome> outcomes;
  for (auto& [group, row] : rows) {
    if (!row.written) continue;
    std::sort(row.delays.begin(), row.delays.end());
    GroupOutcome& outcome = outcomes.emplace_back();
    outcome.group = group;
    outcome.members = row.members;
    outcome.reached = static_cast<std::uint32_t>(row.delays.size());
    const std::size_t half = (row.members + 1) / 2;
    if (row.delays.size() >= half) outcome.half_after = row.delays[half - 1];
    if (row.delays.size() == row.members) outcome.all_after = row.delays.back();
  }
  return outcomes;
}

GroupFigures group_figures(const std::vector<GroupOutcome>& outcomes) {
  GroupFigures figures;
  std::vector<base::Duration> halves;
  std::vector<base::Duration> wholes;
  for (const GroupOutcome& outcome : outcomes) {
    ++figures.groups;
    figures.reached += static_cast<double>(outcome.reached) / outcome.members;
    if (outcome.half_after) halves.push_back(*outcome.half_after);
    if (outcome.all_after) wholes.push_back(*outcome.all_after);
  }
  if (figures.groups > 0) figures.reached /= static_cast<double>(figures.groups);
  figures.half = halves.size();
  figures.whole = wholes.size();
  figures.half_median_s = lower_median_s(std::move(halves));
  figures.all_median_s = lower_median_s(std::move(wholes));
  return figures;
}

}  // namespace chaski::sim
