// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "tools/sim/sweep/sweep_folder.hpp"
#include "tools/sim/sweep/workers.hpp"

namespace chaski::tools {

/// How far a sweep is.
struct SweepProgress {
  std::size_t points = 0;
  std::size_t done = 0;  ///< those of former times too
  std::size_t failed = 0;
  std::size_t done_now = 0;  ///< of this time alone
};

/// Runs every point that the folder has no record of, and gives it the records.
///
/// Returns the points that failed and why. When `stopped` says a signal, throws Failure that names
/// the points that were running; so does a folder that cannot be written.
std::vector<PointOutcome> run_points(const SweepPlan& plan, SweepFolder& folder, Workers& workers,
                                     const std::function<int()>& stopped,
                                     const std::function<void(const SweepProgress&)>& progress);

}  // namespace chaski::tools
