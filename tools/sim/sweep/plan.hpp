// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/scenario/changes.hpp"
#include "tools/sim/library.hpp"

namespace chaski::tools {

/// What a person asks of a sweep, as it was typed.
struct SweepRequest {
  std::string scenario;
  std::string seeds;             ///< "1..20,40"; empty: the scenario's
  std::vector<std::string> set;  ///< "key=value,value"
  std::vector<std::string> strategies;
};

/// Every combination of values, with every seed: what there is to run, in an order that is fixed.
///
/// A point is a place in that order: the seeds of the first combination, then those of the second.
/// Made once and not changed: each process that runs points has the same.
class SweepPlan {
 public:
  static constexpr std::size_t kPointsMax = 1'000'000;

  /// Reads the scenario and all that stands in files it names, and checks every combination as a
  /// scenario is checked. Throws Failure about what is wrong.
  explicit SweepPlan(const SweepRequest& request);

  std::size_t points() const { return combinations() * seeds_.size(); }
  std::size_t combinations() const { return combinations_; }
  const std::vector<std::uint64_t>& seeds() const { return seeds_; }
  const std::vector<sim::ScenarioChoices>& choices() const { return choices_; }
  const ScenarioFile& file() const { return file_; }
  const std::string& title() const { return title_; }

  std::size_t combination_of(std::size_t point) const { return point / seeds_.size(); }
  std::uint64_t seed_of(std::size_t point) const { return seeds_[point % seeds_.size()]; }
  /// The keys of one combination and their values, in the order in which they were typed.
  std::vector<sim::ScenarioChange> changes_of(std::size_t combination) const;
  /// The same for programs: numbers are numbers.
  nlohmann::json set_of(std::size_t combination) const;
  /// What a point runs.
  sim::Scenario scenario_of(std::size_t point) const;
  /// "area.range_m=10, seed 3".
  std::string words_for(std::size_t point) const;

  /// By what a folder knows whether it is this sweep that it holds: seeds, keys, values,
  /// strategies, and a hash of everything that was read and of this program.
  const nlohmann::json& manifest() const { return manifest_; }

 private:
  void read_seeds(const std::string& text, std::uint64_t own);
  void check_combinations();
  void describe();

  ScenarioFile file_;
  std::string text_;
  std::string title_;
  std::vector<sim::ScenarioChoices> choices_;
  std::vector<std::uint64_t> seeds_;
  std::vector<std::string> strategies_;
  std::size_t combinations_ = 1;
  std::vector<std::string> files_;  ///< that some combination names
  nlohmann::json manifest_;
};

/// 128 bit of it, in hexadecimal: enough for what errs and does not lie.
std::string hash_words(std::string_view bytes);

}  // namespace chaski::tools
