// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>

#include "sim/contacts/one_contacts.hpp"
#include "tools/sim/commands.hpp"
#include "tools/sim/staged.hpp"

namespace chaski::tools {
namespace {

struct TraceOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed;
};

void trace(const TraceOptions& options) {
  const LoadedScenario loaded = scenario_or_fail(options.scenario, options.seed);
  sim::ContactTrace contacts = stage_or_fail(loaded, 0).contacts;
  contacts.names.clear();
  std::fputs(sim::one_contacts_text(contacts).c_str(), stdout);
}

}  // namespace

void add_trace_command(CLI::App& app) {
  auto* command = app.add_subcommand("trace", "The contacts of a scenario, as The ONE reads them");
  const auto options = std::make_shared<TraceOptions>();
  command->add_option("scenario", options->scenario, "A scenario file, or a name that `list` gives")
      ->required();
  command->add_option("--seed", options->seed, "Another seed than the file's");
  command->callback([options] { trace(*options); });
}

}  // namespace chaski::tools
