// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/stage.hpp"
#include "tools/sim/library.hpp"

namespace chaski::tools {

/// The file or the library's scenario of this name, and what it says; throws Failure.
struct LoadedScenario {
  ScenarioFile file;
  sim::Scenario scenario;
};
LoadedScenario scenario_or_fail(const std::string& name, std::optional<std::uint64_t> seed);

/// Throws Failure.
sim::Stage stage_or_fail(const LoadedScenario& loaded, std::size_t map_frames_max);

/// Throws Failure about a name that is no strategy's.
void check_strategies(const std::vector<std::string>& names);

/// Throws Failure.
void write_file(const std::string& name, const std::string& content);

/// Names of messages may be any bytes.
std::string text_of(const nlohmann::json& json, int indent);

}  // namespace chaski::tools
