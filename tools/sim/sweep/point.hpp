// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "tools/sim/sweep/plan.hpp"

namespace chaski::tools {

/// Sets the stage of a point and runs the oracle and every strategy on it: what is kept of it.
///
/// The same point gives the same record, whoever runs it and when. Throws Failure.
nlohmann::json run_point(const SweepPlan& plan, std::size_t point);

}  // namespace chaski::tools
