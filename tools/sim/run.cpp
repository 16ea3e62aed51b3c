// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>

#include "tools/chaski/quantities.hpp"
#include "tools/sim/commands.hpp"
#include "tools/sim/crypto/link_crypto.hpp"
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
  bool stand_in_links = false;
};

nlohmann::json json_of(const LinkCryptoCharge& charge) {
  return {{"key_pairs", charge.key_pairs},
          {"agreements", charge.agreements},
          {"frames", charge.frames},
          {"bytes", charge.bytes},
          {"cortex_m4_cycles", charge.cortex_m4_cycles()}};
}

/// What a strategy's run took, here and of links' processors.
std::string speed_words(const std::string& strategy, double simulated_s, double took_s,
                        const LinkCryptoCharge& charge, std::uint32_t nodes) {
  std::string words = fmt::format("{} took {:.1f} s, {:.0f} times as fast as the clock\n", strategy,
                                  took_s, simulated_s / took_s);
  if (charge.frames == 0) return words;
  return words +
         fmt::format(
             "{}: links agreed on {} keys and sealed or opened {} MB; {:.0f} million cycles "
             "of a Cortex-M4 for each node\n",
             strategy, charge.agreements / 6, charge.bytes / 1'000'000,
             static_cast<double>(charge.cortex_m4_cycles()) / 1e6 / nodes);
}

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
  std::vector<LinkCryptoCharge> charges(1);
  const bool stand_in = options.stand_in_links || scenario.stand_in_links;
  set_link_crypto(stand_in ? LinkCrypto::stand_in : LinkCrypto::real);
  for (const std::string& name : scenario.strategies) {
    RunProgress progress(stage.contacts.end);
    const auto began = std::chrono::steady_clock::now();
    sim::Recording record;
    record.series = true;
    record.watched = options.map || html ? kWatched : 0;
    record.progress = [&](base::Time now, std::uint64_t delivered) {
      progress.say(name, now, delivered);
    };
    runs.push_back(sim::run_strategy(scenario, stage, name, record));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    charges.push_back(take_link_crypto_charge());
    speeds += speed_words(name, simulated, took.count(), charges.back(), stage.contacts.nodes);
  }

  const auto results = [&] {
    nlohmann::json all = results_json(loaded.file.name, scenario, stage, runs);
    for (std::size_t i = 0; i < charges.size(); ++i) {
      if (runs[i].production) all["runs"][i]["link_crypto"] = json_of(charges[i]);
    }
    all["stand_in_links"] = stand_in;
    return all;
  };
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
  command.add_flag("--stand-in-links", options->stand_in_links,
                   "Links agree and seal by stand-ins of equal size: faster, for large runs");
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
