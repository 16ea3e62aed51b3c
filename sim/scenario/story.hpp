// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/contacts/oracle.hpp"
#include "sim/scenario/compare.hpp"

namespace chaski::sim {

/// What became of one message of a stage, and what might have.
struct MessageStory {
  std::size_t message = 0;    ///< in the plan
  std::vector<PathHop> best;  ///< an earliest path; empty: nothing could arrive
  /// Its result's trail has, in `contacts`, those of the earliest path, in order.
  StrategyRun run;
};

/// Plays the scenario with this strategy and follows that message, which must be in the plan.
///
/// The run is the same as run_strategy()'s. `progress` as in Recording.
MessageStory story_of(const Scenario& scenario, const Stage& stage, std::size_t message,
                      std::string_view strategy = kProduction,
                      const std::function<void(base::Time, std::uint64_t)>& progress = {});

}  // namespace chaski::sim
