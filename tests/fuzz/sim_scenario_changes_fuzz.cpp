// SPDX-License-Identifier: Apache-2.0
// Any text as a key and its values, set in any scenario: a scenario, or one line that says what is
// wrong. The first line of the input is the change, the rest the file.
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "sim/scenario/changes.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chaski;
  const std::string_view input = base::as_text({data, size});
  const auto end = std::min(input.find('\n'), input.size());
  const auto choices = sim::parse_choices(input.substr(0, end));
  if (!choices) {
    CHASKI_ASSERT(choices.error().starts_with("cannot set "));
    return 0;
  }
  CHASKI_ASSERT(!choices->key.empty() && !choices->values.empty());
  const std::string_view file = input.substr(std::min(end + 1, input.size()));
  for (const std::string& value : choices->values) {
    CHASKI_ASSERT(!value.empty());
    const auto scenario = sim::parse_scenario(file, "f", {{choices->key, value}});
    if (scenario) continue;
    CHASKI_ASSERT(scenario.error().starts_with("f with ") ||
                  scenario.error().starts_with("cannot set "));
    CHASKI_ASSERT(scenario.error().find("; ") != std::string::npos);
  }
  return 0;
}
