// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/faults/fault_report.hpp"

namespace chaski::tools {

/// What went wrong in a run, as docs/simulator/report.md says: `kinds`, and `colluders` or null.
nlohmann::json faults_json(const sim::FaultReport& report);

/// The same for people: a line a kind, and a few of what colluders found out; empty without any.
std::string faults_text(const sim::FaultReport& report);

}  // namespace chaski::tools
