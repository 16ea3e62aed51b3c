// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace chaski::sim {

/// One key of a scenario file that is to have another value than the file's, or one at all.
///
/// The key is its path with dots; a number in it is a place in a list of sections, from 0:
/// `area.range_m`, `people.0.number`. The value is as TOML writes it; a word without quotation
/// marks is text.
struct ScenarioChange {
  std::string key;
  std::string value;
  bool operator==(const ScenarioChange&) const = default;
};

/// One key and each of the values that it is to have in turn.
struct ScenarioChoices {
  static constexpr std::size_t kValuesMax = 10'000;
  std::string key;
  std::vector<std::string> values;
};

/// Reads `key=value,value,...`; commas in brackets or quotation marks part nothing.
///
/// Errors: one line, what is wrong and the mend.
base::Expected<ScenarioChoices, std::string> parse_choices(std::string_view text);

/// As parse_scenario() of two arguments, of a file in which each of these keys has this value.
///
/// Errors also: a key that leads nowhere, a value that is not TOML's. They name the change.
base::Expected<Scenario, std::string> parse_scenario(std::string_view text, std::string_view name,
                                                     const std::vector<ScenarioChange>& changes);

}  // namespace chaski::sim
