// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/results/run_result.hpp"

namespace chaski::sim {

/// What became of one message to several, which is a row of messages (PlannedMessage::group).
struct GroupOutcome {
  std::uint32_t group = 0;
  std::uint32_t members = 0;  ///< without its author
  std::uint32_t reached = 0;  ///< of them
  /// From writing until half of the members (rounded up), and all, had it.
  std::optional<base::Duration> half_after;
  std::optional<base::Duration> all_after;
};

/// By group number. Of groups of whose row at least one message was written; a member to whom its
/// author could not write counts as one that was not reached.
std::vector<GroupOutcome> group_outcomes(const RunResult& run, const MessagePlan& plan);

/// All groups of a run in figures. Medians are by nearest rank, in seconds, 0 of nothing.
struct GroupFigures {
  std::uint64_t groups = 0;  ///< messages to several that were written
  double reached = 0;        ///< share of a group's members that have it, mean over groups
  std::uint64_t half = 0;    ///< groups half of whose members have it
  std::uint64_t whole = 0;   ///< groups all of whose members have it
  double half_median_s = 0;  ///< until half have it, among those groups
  double all_median_s = 0;   ///< until all have it, among those groups
};
GroupFigures group_figures(const std::vector<GroupOutcome>& outcomes);

}  // namespace chaski::sim
