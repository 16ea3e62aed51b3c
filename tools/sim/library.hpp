// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.hpp"
#include "sim/scenario/stage.hpp"

namespace chaski::tools {

/// A scenario file with the folder that the files it names lie in.
struct ScenarioFile {
  std::string name;  ///< as the library calls it, or as the person wrote it
  std::filesystem::path path;
};

/// The scenarios that come with chaski, by name; empty when they are not installed.
std::vector<ScenarioFile> library_scenarios();

/// A file of that path, or the library's scenario of that name.
base::Expected<ScenarioFile, std::string> find_scenario(const std::string& name);

/// What the file says, word by word.
base::Expected<std::string, std::string> scenario_text(const ScenarioFile& file);

base::Expected<sim::Scenario, std::string> load_scenario(const ScenarioFile& file);

/// Reads what the scenario names, from the folder in which it lies.
sim::StageOptions stage_options(const ScenarioFile& file, std::size_t map_frames_max);

}  // namespace chaski::tools
