// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdio>
#include <memory>

#include "tools/sim/commands.hpp"
#include "tools/sim/crypto/link_crypto.hpp"
#include "tools/sim/explain/story_json.hpp"
#include "tools/sim/explain/story_text.hpp"
#include "tools/sim/failure.hpp"
#include "tools/sim/progress.hpp"
#include "tools/sim/staged.hpp"

namespace chaski::tools {
namespace {

struct ExplainOptions {
  std::string scenario;
  std::optional<std::uint64_t> seed;
  std::string message;
  std::string strategy{sim::kProduction};
  bool copies = false;
  bool json = false;
};

/// By its name in a file, or by its number.
std::size_t message_named(const sim::MessagePlan& plan, const std::string& name) {
  for (std::size_t i = 0; i < plan.size(); ++i) {
    if (plan[i].name == name) return i;
  }
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error == std::errc() && end == name.data() + name.size() && number < plan.size()) {
    return number;
  }
  throw Failure{2, "there is no message " + name + "; take a number from 0 to " +
                       std::to_string(plan.size() - 1) + ", or what the file of messages calls it"};
}

void explain(const ExplainOptions& options) {
  LoadedScenario loaded = scenario_or_fail(options.scenario, options.seed);
  check_strategies({options.strategy});
  // Whatever the file compares: a plan that production nodes cannot write is said to be one.
  loaded.scenario.strategies = {options.strategy};
  const sim::Stage stage = stage_or_fail(loaded, 0);
  set_link_crypto(loaded.scenario.stand_in_links ? LinkCrypto::stand_in : LinkCrypto::real);
  const std::size_t message = message_named(stage.plan, options.message);
  sim::MessageStory story;
  {
    RunProgress progress(stage.contacts.end);
    story = sim::story_of(loaded.scenario, stage, message, options.strategy,
                          [&](base::Time now, std::uint64_t delivered) {
                            progress.say(options.strategy, now, delivered);
                          });
  }
  const std::string said =
      options.json ? text_of(story_json(stage, story), -1)
                   : story_text(stage, story, options.copies);
  std::fputs(said.c_str(), stdout);
}

}  // namespace

void add_explain_command(CLI::App& app) {
  auto* command = app.add_subcommand("explain", "Why a message arrived, late or never, hop by hop");
  const auto options = std::make_shared<ExplainOptions>();
  command->add_option("scenario", options->scenario, "A scenario file, or a name that `list` gives")
      ->required();
  command
      ->add_option("message", options->message,
                   "Its number in the plan, from 0, or its name in the file of messages")
      ->required();
  command->add_option("--seed", options->seed, "Another seed than the file's");
  command->add_option("--strategy", options->strategy,
                      "Whose story: chaski's, if nothing is said, or that of a strategy of books");
  command->add_flag("--copies", options->copies, "Names every copy: of whom, from when to when");
  command->add_flag("--json", options->json, "Says it as JSON");
  command->callback([options] { explain(*options); });
}

}  // namespace chaski::tools
