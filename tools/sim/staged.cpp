// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/staged.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "sim/scenario/scenario.hpp"
#include "tools/sim/failure.hpp"

namespace chaski::tools {

LoadedScenario scenario_or_fail(const std::string& name, std::optional<std::uint64_t> seed) {
  auto file = find_scenario(name);
  if (!file) throw Failure{2, file.error()};
  auto scenario = load_scenario(*file);
  if (!scenario) throw Failure{2, scenario.error()};
  if (seed) scenario->seed = *seed;
  return {std::move(*file), std::move(*scenario)};
}

sim::Stage stage_or_fail(const LoadedScenario& loaded, std::size_t map_frames_max) {
  auto stage = sim::set_stage(loaded.scenario, stage_options(loaded.file, map_frames_max));
  if (!stage) throw Failure{2, stage.error()};
  return std::move(*stage);
}

void check_strategies(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == sim::kProduction || sim::strategy_named(name)) continue;
    throw Failure{2, "there is no strategy " + name +
                         "; choose of chaski, direct, epidemic, two-hop, prophet, spray-N, "
                         "spray-source-N"};
  }
}

void write_file(const std::string& name, const std::string& content) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "we"),
                                                             &std::fclose);
  const bool written =
      file && std::fwrite(content.data(), 1, content.size(), file.get()) == content.size() &&
      std::fflush(file.get()) == 0;
  if (!written) {
    throw Failure{1, "cannot write " + name + ": " + std::strerror(errno) + "; name another file"};
  }
}

std::string text_of(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace chaski::tools
