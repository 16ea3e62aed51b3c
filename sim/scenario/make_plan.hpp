// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/scenario/stage.hpp"

namespace chaski::sim {

/// Who writes what to whom in this scenario, on these contacts, by time.
///
/// `homes` are where people are at the start; empty when nobody knows. Throws StageError.
MessagePlan make_plan(const Scenario& scenario, const StageOptions& options,
                      const ContactTrace& contacts, const std::vector<Home>& homes);

}  // namespace chaski::sim
