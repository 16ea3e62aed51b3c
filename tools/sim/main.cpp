// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "sim/contacts/one_contacts.hpp"
#include "tools/chaski/quantities.hpp"
#include "tools/sim/library.hpp"
#include "tools/sim/report/report_html.hpp"
#include "tools/sim/results_json.hpp"

namespace chaski::tools {
namespace {

/// What ends the program with exit 1 or 2: one line.
struct Failure {
  int exit = 1;
  std::string line;
};

/// Messages that are followed for a map.
constexpr std::uint32_t kWatched = 8;

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

/// Names of messages may be any bytes.
std::string text_of(const nlohmann::json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// One line on a terminal that is written over; nothing elsewhere.
class Progress {
 public:
  explicit Progress(base::Time end) : end_(end), shown_(::isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (shown_ && said_) std::fputs("\r\033[K", stderr);
  }
  void say(const std::string& strategy, base::Time now, std::uint64_t delivered) {
    if (!shown_) return;
    said_ = true;
    const auto share = static_cast<double>(base::to_us(now)) /
                       static_cast<double>(std::max<std::int64_t>(1, base::to_us(end_)));
    std::fputs(fmt::format("\r\033[K{}: {:.0f} %, {} simulated, {} delivered", strategy,
                           100 * share, duration_words(base::to_us(now) / 1'000'000), delivered)
                   .c_str(),
               stderr);
    std::fflush(stderr);
  }

 private:
  base::Time end_;
  bool shown_;
  bool said_ = false;
};

void run(const RunOptions& options) {
  const auto file = find_scenario(options.scenario);
  if (!file) throw Failure{2, file.error()};
  auto scenario = load_scenario(*file);
  if (!scenario) throw Failure{2, scenario.error()};
  if (options.seed) scenario->seed = *options.seed;
  if (!options.strategies.empty()) scenario->strategies = options.strategies;
  for (const std::string& name : scenario->strategies) {
    if (name == sim::kProduction || sim::strategy_named(name)) continue;
    throw Failure{2, "there is no strategy " + name +
                         "; choose of chaski, direct, epidemic, two-hop, prophet, spray-N, "
                         "spray-source-N"};
  }
  const bool html = !options.html_file.empty();
  const auto stage = sim::set_stage(*scenario, stage_options(*file, options.map || html ? 360 : 0));
  if (!stage) throw Failure{2, stage.error()};

  const double simulated =
      std::chrono::duration<double>(stage->contacts.end.time_since_epoch()).count();
  std::vector<sim::StrategyRun> runs{sim::run_best(*stage)};
  std::string speeds;
  for (const std::string& name : scenario->strategies) {
    Progress progress(stage->contacts.end);
    const auto began = std::chrono::steady_clock::now();
    runs.push_back(sim::run_strategy(
        *scenario, *stage, name,
        [&](base::Time now, std::uint64_t delivered) { progress.say(name, now, delivered); },
        options.map || html ? kWatched : 0));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    speeds += fmt::format("{} took {:.1f} s, {:.0f} times as fast as the clock\n", name,
                          took.count(), simulated / took.count());
  }

  const auto results = [&] { return results_json(file->name, *scenario, *stage, runs); };
  if (!options.json_file.empty()) write_file(options.json_file, text_of(results(), 1));
  if (html) write_file(options.html_file, report_html(results()));
  if (!options.csv_file.empty()) write_file(options.csv_file, results_csv(*stage, runs));
  if (options.json) {
    std::fputs(text_of(results(), -1).c_str(), stdout);
    return;
  }
  std::fputs(
      fmt::format(
          "{}\n{} nodes, {} simulated, {} messages, {} changes of contact; seed {}\n\n{}\n{}",
          scenario->title.empty() ? file->name : scenario->title, stage->contacts.nodes,
          duration_words(std::llround(simulated)), stage->plan.size(),
          stage->contacts.changes.size(), scenario->seed, results_table(*stage, runs), speeds)
          .c_str(),
      stdout);
}

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

void trace(const RunOptions& options) {
  const auto file = find_scenario(options.scenario);
  if (!file) throw Failure{2, file.error()};
  auto scenario = load_scenario(*file);
  if (!scenario) throw Failure{2, scenario.error()};
  if (options.seed) scenario->seed = *options.seed;
  const auto stage = sim::set_stage(*scenario, stage_options(*file, 0));
  if (!stage) throw Failure{2, stage.error()};
  sim::ContactTrace contacts = stage->contacts;
  contacts.names.clear();
  std::fputs(sim::one_contacts_text(contacts).c_str(), stdout);
}

void run_options(CLI::App& command, RunOptions& options) {
  command.add_option("scenario", options.scenario, "A scenario file, or a name that `list` gives")
      ->required();
  command.add_option("--seed", options.seed, "Another seed than the file's");
}

int run_command_line(int argc, char** argv) {
  CLI::App app{"chaski-sim: would messages arrive, how late, and at what cost"};
  app.require_subcommand(1);
  RunOptions options;
  auto* run_command =
      app.add_subcommand("run", "Production nodes in a scenario, beside the oracle");
  auto* compare = app.add_subcommand("compare", "The scenario's strategies, side by side");
  auto* list_command = app.add_subcommand("list", "The scenarios that come with chaski");
  auto* trace_command =
      app.add_subcommand("trace", "The contacts of a scenario, as The ONE reads them");
  for (auto* command : {run_command, compare}) {
    run_options(*command, options);
    command->add_option("--json-file", options.json_file, "Writes the results there, as JSON");
    command->add_option("--html", options.html_file, "Writes a report there, for a browser");
    command->add_option("--csv", options.csv_file, "Writes a line a message there");
    command->add_flag("--json", options.json, "Says the results as JSON");
    command->add_flag("--map", options.map, "Puts where everybody is into the results");
  }
  compare->add_option("--strategies", options.strategies, "Others than the file's")->delimiter(',');
  run_options(*trace_command, options);
  list_command->add_flag("--json", options.json, "Says it as JSON");
  try {
    app.parse(argc, argv);
    if (*run_command) {
      options.strategies = {std::string(sim::kProduction)};
      run(options);
    } else if (*compare) {
      run(options);
    } else if (*trace_command) {
      trace(options);
    } else if (*list_command) {
      list(options.json);
    }
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fputs((std::string("chaski-sim: ") + error.what() + "\n").c_str(), stderr);
    return 1;
  } catch (const Failure& failure) {
    std::fputs(("chaski-sim: " + failure.line + "\n").c_str(), stderr);
    return failure.exit;
  }
  return 0;
}

}  // namespace
}  // namespace chaski::tools

int main(int argc, char** argv) {
  return chaski::tools::run_command_line(argc, argv);
}
