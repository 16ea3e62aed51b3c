// SPDX-License-Identifier: Apache-2.0
// chaski-bench regimes: forwarding strategies side by side, in virtual time.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>

#include "sim/routers/regimes.hpp"
#include "tools/bench/commands.hpp"

namespace chaski::bench {

namespace {

struct Options {
  bool crowd = true;
  bool sparse = true;
  std::uint32_t nodes = 0;  ///< 0: each regime's own
  std::uint32_t seeds = 0;
};

std::optional<Options> parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument == "crowd" || argument == "sparse") {
      options.crowd = argument == "crowd";
      options.sparse = !options.crowd;
      continue;
    }
    std::uint32_t* const value = argument == "--nodes"   ? &options.nodes
                                 : argument == "--seeds" ? &options.seeds
                                                         : nullptr;
    if (value == nullptr || i + 1 == arguments.size()) return std::nullopt;
    const std::string& text = arguments[++i];
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), *value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  }
  return options;
}

void measure_sparse(const Options& options, Report& report) {
  for (const char* strategy : {"epidemic", "default", "direct", "prophet", "spray-2", "spray-4",
                               "spray-8", "spray-16", "spray-32", "patient-16"}) {
    sim::SparseExperiment experiment;
    experiment.strategy = strategy;
    if (options.nodes != 0) experiment.nodes = options.nodes;
    if (options.seeds != 0) experiment.worlds = options.seeds;
    if (experiment.strategy == "prophet") experiment.warm_up = 3;
    // About thirty meetings of each node: it knows how often it meets somebody.
    if (experiment.strategy == "default") experiment.warm_up = .3;
    const sim::SparseResult result = sim::run_sparse(experiment);
    const std::string name = fmt::format("sparse, {}: ", strategy);
    report.add(name + "mean delay", result.delay, "1/b",
               fmt::format("standard error {:.4f}", result.delay_error));
    report.add(name + "carriers at delivery, median", result.copies_median, "",
               fmt::format("mean {:.1f}, nine tenths {:.0f}", result.copies_mean,
                           result.copies_p90));
    report.add(name + "transmissions until delivery, median", result.transmissions_median, "",
               fmt::format("mean {:.1f}", result.transmissions_mean));
    report.add(name + "frames, each message's share", result.bytes_per_message, "B");
  }
}

void measure_crowd(const Options& options, Report& report) {
  for (const char* strategy : {"epidemic", "default"}) {
    for (std::uint64_t seed = 1; seed <= std::max(options.seeds, 1u); ++seed) {
      sim::CrowdExperiment experiment;
      experiment.strategy = strategy;
      experiment.seed = seed;
      if (options.nodes != 0) experiment.nodes = options.nodes;
      if (experiment.strategy == "epidemic") experiment.warm_up = 0;
      const sim::CrowdResult result = sim::run_crowd(experiment);
      const std::string name = fmt::format("crowd, {}, seed {}: ", strategy, seed);
      report.add(name + "reach of the component", result.reach, "",
                 fmt::format("worst {:.4f}, {:.0f} nodes of mean degree {:.1f}", result.reach_min,
                             result.component, result.degree));
      report.add(name + "transmissions a node", result.transmissions, "",
                 fmt::format("plain flooding {:.2f}", result.flood_transmissions));
      report.add(name + "latency, median", result.latency_median_ms, "ms",
                 fmt::format("99 % after {:.0f} ms", result.latency_p99_ms));
      report.add(name + "bytes a node", result.frame_bytes, "B",
                 fmt::format("envelopes {:.0f}, announcements {:.0f}", result.envelope_bytes,
                             result.announce_bytes));
    }
  }
}

int run(const std::vector<std::string>& arguments, Report& report) {
  const auto options = parse(arguments);
  if (!options) {
    fmt::print(stderr, "usage: chaski-bench regimes [crowd|sparse] [--nodes N] [--seeds N]\n");
    return 2;
  }
  if (options->crowd) measure_crowd(*options, report);
  if (options->sparse) measure_sparse(*options, report);
  return 0;
}

}  // namespace

Command regimes_command() {
  return {"regimes", "forwarding strategies in a crowd and far apart, in virtual time", run};
}

}  // namespace chaski::bench
