// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/sweep/plan.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "tools/files/whole_file.hpp"
#include "tools/sim/failure.hpp"
#include "tools/sim/staged.hpp"

namespace chaski::tools {
namespace {

constexpr std::size_t kProgramSizeMax = std::size_t{1} << 32;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = !text.empty() && error == std::errc() && end == text.data() + text.size();
  return whole && number <= INT64_MAX ? std::optional(number) : std::nullopt;
}

[[noreturn]] void refuse_seeds(const std::string& text, const std::string& why) {
  throw Failure{2, "--seeds " + text + ": " + why + "; write seeds like 1..20 or 1,2,5..9"};
}

/// The files that a scenario names.
std::vector<std::string> files_in(const sim::Scenario& scenario) {
  std::vector<std::string> files;
  if (const auto* recorded = std::get_if<sim::RecordedContacts>(&scenario.contacts)) {
    files.push_back(recorded->file);
  }
  if (const auto* recorded = std::get_if<sim::RecordedPositions>(&scenario.contacts)) {
    files.push_back(recorded->file);
  }
  for (const sim::Traffic& traffic : scenario.traffic) {
    if (!traffic.file.empty()) files.push_back(traffic.file);
  }
  return files;
}

}  // namespace

std::string hash_words(std::string_view bytes) {
  unsigned char hash[crypto_generichash_BYTES_MIN];
  crypto_generichash(hash, sizeof hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), nullptr, 0);
  std::string words;
  for (const unsigned char byte : hash) words += fmt::format("{:02x}", byte);
  return words;
}

SweepPlan::SweepPlan(const SweepRequest& request) : strategies_(request.strategies) {
  auto file = find_scenario(request.scenario);
  if (!file) throw Failure{2, file.error()};
  file_ = std::move(*file);
  auto text = scenario_text(file_);
  if (!text) throw Failure{2, text.error()};
  text_ = std::move(*text);
  const auto scenario = sim::parse_scenario(text_, file_.path.string());
  if (!scenario) throw Failure{2, scenario.error()};
  title_ = scenario->title.empty() ? file_.name : scenario->title;
  check_strategies(strategies_);
  if (std::set(strategies_.begin(), strategies_.end()).size() != strategies_.size()) {
    throw Failure{2, "--strategies names one twice; leave one out"};
  }
  read_seeds(request.seeds, scenario->seed);
  for (const std::string& one : request.set) {
    auto choices = sim::parse_choices(one);
    if (!choices) throw Failure{2, choices.error()};
    for (const auto& [key, option] :
         {std::pair("seed", "--seeds"), std::pair("strategies", "--strategies")}) {
      if (choices->key == key) throw Failure{2, "cannot set " + one + "; say it with " + option};
    }
    for (const sim::ScenarioChoices& other : choices_) {
      if (other.key == choices->key) {
        throw Failure{2, "--set " + one + ": " + other.key + " was set before; give all its " +
                             "values at once, with commas between them"};
      }
    }
    combinations_ *= choices->values.size();
    if (combinations_ * seeds_.size() > kPointsMax) {
      throw Failure{2, fmt::format("{} combinations with {} seeds are more points than {}; take "
                                   "fewer",
                                   combinations_, seeds_.size(), kPointsMax)};
    }
    choices_.push_back(std::move(*choices));
  }
  check_combinations();
  describe();
}

void SweepPlan::read_seeds(const std::string& text, std::uint64_t own) {
  if (text.empty()) {
    seeds_ = {own};
    return;
  }
  std::set<std::uint64_t> known;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    const auto dots = part.find("..");
    const auto first = whole_number(part.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : whole_number(part.substr(dots + 2));
    if (!first || !last) refuse_seeds(text, "\"" + std::string(part) + "\" is no seed");
    if (*last < *first) refuse_seeds(text, "\"" + std::string(part) + "\" runs backwards");
    if (*last - *first >= kPointsMax - seeds_.size()) refuse_seeds(text, "too many");
    for (std::uint64_t seed = *first; seed <= *last; ++seed) {
      if (!known.insert(seed).second) {
        refuse_seeds(text, "seed " + std::to_string(seed) + " is there twice");
      }
      seeds_.push_back(seed);
    }
  }
}

std::vector<sim::ScenarioChange> SweepPlan::changes_of(std::size_t combination) const {
  std::vector<sim::ScenarioChange> changes(choices_.size());
  for (std::size_t i = choices_.size(); i-- > 0;) {
    const std::vector<std::string>& values = choices_[i].values;
    changes[i] = {choices_[i].key, values[combination % values.size()]};
    combination /= values.size();
  }
  return changes;
}

nlohmann::json SweepPlan::set_of(std::size_t combination) const {
  nlohmann::json set = nlohmann::json::object();
  for (const sim::ScenarioChange& change : changes_of(combination)) {
    auto value = nlohmann::json::parse(change.value, nullptr, false);
    set[change.key] = value.is_discarded() ? nlohmann::json(change.value) : std::move(value);
  }
  return set;
}

sim::Scenario SweepPlan::scenario_of(std::size_t point) const {
  auto scenario =
      sim::parse_scenario(text_, file_.path.string(), changes_of(combination_of(point)));
  if (!scenario) throw Failure{2, scenario.error()};
  scenario->seed = seed_of(point);
  if (!strategies_.empty()) scenario->strategies = strategies_;
  return std::move(*scenario);
}

std::string SweepPlan::words_for(std::size_t point) const {
  std::string words;
  for (const sim::ScenarioChange& change : changes_of(combination_of(point))) {
    words += change.key + "=" + change.value + ", ";
  }
  return words + "seed " + std::to_string(seed_of(point));
}

void SweepPlan::check_combinations() {
  std::set<std::string> files;
  for (std::size_t combination = 0; combination < combinations_; ++combination) {
    const sim::Scenario scenario = scenario_of(combination * seeds_.size());
    for (std::string& file : files_in(scenario)) files.insert(std::move(file));
  }
  files_.assign(files.begin(), files.end());
}

void SweepPlan::describe() {
  nlohmann::json set = nlohmann::json::array();
  for (const sim::ScenarioChoices& one : choices_) {
    set.push_back({{"key", one.key}, {"values", one.values}});
  }
  nlohmann::json files = nlohmann::json::object();
  const sim::StageOptions reader = stage_options(file_, 0);
  for (const std::string& name : files_) {
    const auto content = reader.read(name);
    if (!content) throw Failure{2, content.error()};
    files[name] = hash_words(*content);
  }
  const auto program = read_whole_file("/proc/self/exe", kProgramSizeMax);
  if (!program) throw Failure{1, program.error().message};
  manifest_ = {{"format", 1},
               {"scenario", file_.name},
               {"scenario_hash", hash_words(text_)},
               {"files", std::move(files)},
               {"set", std::move(set)},
               {"seeds", seeds_},
               {"strategies", strategies_},
               {"program_hash", hash_words(*program)}};
}

}  // namespace chaski::tools
