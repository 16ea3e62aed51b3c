// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include "tools/chaski/quantities.hpp"
#include "tools/sim/commands.hpp"
#include "tools/sim/progress.hpp"
#include "tools/sim/report/report_html.hpp"
#include "tools/sim/results_json.hpp"
#include "tools/sim/staged.hpp"

namespace chaski::tools {
namespace {

/// Messages that are followed for a map.
constexpr std::uint32_t kWatched = 8;
constexpr std::size_t kMapFrames = 360;

struct RunOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> strategies;
  std::string json_file;
  std::string csv_file;
  std::string html_file;
  bool json = false;
  bool map = false;
};

void run(const RunOptions& options) {
  LoadedScenario loaded = scenario_or_fail(options.scenario, options.seed);
  sim::Scenario& scenario = loaded.scenario;
  if (!options.strategies.empty()) scenario.strategies = options.strategies;
  check_strategies(scenario.strategies);
  const bool html = !options.html_file.empty();
  const sim::Stage stage = stage_or_fail(loaded, options.map || html ? kMapFrames : 0);

  const double simulated =
      std::chrono::duration<double>(stage.contacts.end.time_since_epoch()).count();
  std::vector<sim::StrategyRun> runs{sim::run_best(stage)};
  std::string speeds;
  for (const std::string& name : scenario.strategies) {
    Progress progress(stage.contacts.end);
    const auto began = std::chrono::steady_clock::now();
    runs.push_back(sim::run_strategy(
        scenario, stage, name,
        [&](base::Time now, std::uint64_t delivered) { progress.say(name, now, delivered); },
        options.map || html ? kWatched : 0));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    speeds += fmt::format("{} took {:.1f} s, {:.0f} times as fast as the clock\n", name,
                          took.count(), simulated / took.count());
  }

  const auto results = [&] { return results_json(loaded.file.name, scenario, stage, runs); };
  if (!options.json_file.empty()) write_file(options.json_file, text_of(results(), 1));
  if (html) write_file(options.html_file, report_html(results()));
  if (!options.csv_file.empty()) write_file(options.csv_file, results_csv(stage, runs));
  if (options.json) {
    std::fputs(text_of(results(), -1).c_str(), stdout);
    return;
  }
  std::fputs(
      fmt::format(
          "{}\n{} nodes, {} simulated, {} messages, {} changes of contact; seed {}\n\n{}\n{}",
          scenario.title.empty() ? loaded.file.name : scenario.title, stage.contacts.nodes,
          duration_words(std::llround(simulated)), stage.plan.size(), stage.contacts.changes.size(),
          scenario.seed, results_table(stage, runs), speeds)
          .c_str(),
      stdout);
}

std::shared_ptr<RunOptions> add_options(CLI::App& command) {
  auto options = std::make_shared<RunOptions>();
  command.add_option("scenario", options->scenario, "A scenario file, or a name that `list` gives")
      ->required();
  command.add_option("--seed", options->seed, "Another seed than the file's");
  command.add_option("--json-file", options->json_file, "Writes the results there, as JSON");
  command.add_option("--html", options->html_file, "Writes a report there, for a browser");
  command.add_option("--csv", options->csv_file, "Writes a line a message there");
  command.add_flag("--json", options->json, "Says the results as JSON");
  command.add_flag("--map", options->map, "Puts where everybody is into the results");
  return options;
}

}  // namespace

void add_run_commands(CLI::App& app) {
  auto* one = app.add_subcommand("run", "Production nodes in a scenario, beside the oracle");
  const auto alone = add_options(*one);
  alone->strategies = {std::string(sim::kProduction)};
  one->callback([alone] { run(*alone); });
  auto* several = app.add_subcommand("compare", "The scenario's strategies, side by side");
  const auto options = add_options(*several);
  several->add_option("--strategies", options->strategies, "Others than the file's")
      ->delimiter(',');
  several->callback([options] { run(*options); });
}

}  // namespace chaski::tools
