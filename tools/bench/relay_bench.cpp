// SPDX-License-Identifier: Apache-2.0
// Store and forward through three real daemons, A -> B -> C over loopback, durable at each.
#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "tools/bench/commands.hpp"
#include "tools/bench/relay_run.hpp"

namespace chaski::bench {
namespace {

std::string unit_of(const std::string& row) {
  if (row == "messages" || row == "bare SQLite") return "1/s";
  if (row == "payload") return "MB/s";
  if (row.starts_with("CPU")) return "us";
  if (row.starts_with("ratio") || row.starts_with("messages a")) return "";
  return row.starts_with("idle CPU") ? "%" : "MiB";
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void add_medians(Report& report, const std::string& label, const std::vector<Figures>& runs) {
  for (const auto& [row, unused] : runs.front()) {
    std::vector<double> values;
    values.reserve(runs.size());
    for (const auto& run : runs) values.push_back(run.at(row));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    report.add(label + row, median(values), unit_of(row),
               runs.size() > 1
                   ? fmt::format("median of {}, {:.3g} to {:.3g}", runs.size(), *low, *high)
                   : "");
  }
}

struct Options {
  std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../../daemon/chaskid";
  std::size_t small_count = 100'000, large_count = 4'000, runs = 3;
  std::vector<std::string> ways{"live", "backlog", "alone"};
  double idle_s = 20;
};

std::vector<RelayCase> cases(const Options& options) {
  using Way = RelayCase::Way;
  static const std::map<std::string, std::pair<Way, std::string>> kWays{
      {"live", {Way::live, ""}},
      {"backlog", {Way::backlog, "backlog "}},
      {"alone", {Way::backlog_alone, "backlog, B alone "}}};
  const auto round_up = [](std::size_t n, std::size_t to) { return (n + to - 1) / to * to; };
  std::vector<RelayCase> out;
  for (const std::string& name : options.ways) {
    const auto& [way, words] = kWays.at(name);
    out.push_back({way, "256 B " + words, 256, round_up(options.small_count, 500), 500});
    out.push_back({way, "64 KiB " + words, 65'536, round_up(options.large_count, 32), 32});
  }
  std::erase_if(out, [](const RelayCase& what) { return what.count == 0; });
  return out;
}

void measure(const Options& options, Report& report) {
  for (const RelayCase& what : cases(options)) {
    std::vector<Figures> all;
    for (std::size_t i = 0; i < options.runs; ++i) {
      all.push_back(relay_run(options.program, what));
      fmt::print(stderr, "{}run {} of {}: {:.0f} messages/s\n", what.label, i + 1, options.runs,
                 all.back()["messages"]);
    }
    add_medians(report, what.label, all);
  }
  if (options.idle_s > 0) add_medians(report, "", {idle_run(options.program, options.idle_s)});
}

int run_relay(const std::vector<std::string>& arguments, Report& report) {
  CLI::App app{"Three real daemons, A -> B -> C over loopback, durable at each."};
  Options options;
  app.add_option("--chaskid", options.program, "path of the daemon")->check(CLI::ExistingFile);
  app.add_option("--small", options.small_count, "messages of 256 B in a run; 0 for none");
  app.add_option("--large", options.large_count, "messages of 64 KiB in a run; 0 for none");
  app.add_option("--ways", options.ways,
                 "live: A writes while all are there; backlog: B and its links come when A has "
                 "written; alone: the same with B alone on core 0, A and C on core 1")
      ->delimiter(',')
      ->check(CLI::IsMember({"live", "backlog", "alone"}));
  app.add_option("--runs", options.runs, "runs of each, whose median is reported")
      ->check(CLI::Range(1, 99));
  app.add_option("--idle", options.idle_s, "seconds of idling; 0 for none");
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    measure(options, report);
  } catch (const std::exception& error) {
    fmt::print(stderr, "chaski-bench relay: {}\n", error.what());
    return 1;
  }
  return 0;
}

}  // namespace

Command relay_command() {
  return {"relay", "store and forward through three real daemons, durable at each", run_relay};
}

}  // namespace chaski::bench
