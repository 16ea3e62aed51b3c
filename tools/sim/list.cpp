// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/sim/commands.hpp"
#include "tools/sim/failure.hpp"
#include "tools/sim/library.hpp"

namespace chaski::tools {
namespace {

void list(bool json) {
  nlohmann::json all = nlohmann::json::array();
  std::string text;
  for (const ScenarioFile& file : library_scenarios()) {
    const auto scenario = load_scenario(file);
    const std::string title = scenario ? scenario->title : scenario.error();
    all.push_back({{"name", file.name}, {"title", title}, {"file", file.path.string()}});
    text += fmt::format("{:<24}{}\n", file.name, title);
  }
  std::fputs((json ? all.dump() + "\n" : text).c_str(), stdout);
  if (text.empty())
    throw Failure{1, "no scenarios are installed; name the folder with CHASKI_SCENARIOS"};
}

}  // namespace

void add_list_command(CLI::App& app) {
  auto* command = app.add_subcommand("list", "The scenarios that come with chaski");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "Says it as JSON");
  command->callback([json] { list(*json); });
}

}  // namespace chaski::tools
