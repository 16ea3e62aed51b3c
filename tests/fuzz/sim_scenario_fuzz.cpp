// SPDX-License-Identifier: Apache-2.0
// Any text as a scenario: one that can be staged, or one line that says what is wrong.
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "sim/scenario/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chaski;
  const auto scenario = sim::parse_scenario(base::as_text({data, size}), "f");
  if (!scenario) {
    CHASKI_ASSERT(scenario.error().starts_with("f:"));
    CHASKI_ASSERT(scenario.error().find("; ") != std::string::npos);
    return 0;
  }
  CHASKI_ASSERT(!scenario->strategies.empty());
  CHASKI_ASSERT(!scenario->traffic.empty());
  for (const sim::Traffic& traffic : scenario->traffic) {
    const sim::Rhythm& rhythm = traffic.rhythm;
    CHASKI_ASSERT(rhythm.interval_min.count() > 0 && rhythm.interval_min <= rhythm.interval_max);
    CHASKI_ASSERT(rhythm.size_min_bytes <= rhythm.size_max_bytes);
  }
  if (const auto* people = std::get_if<sim::WalkingPeople>(&scenario->contacts)) {
    CHASKI_ASSERT(people->area.width_m > 0 && people->range_m > 0);
    for (const sim::Group& group : people->groups) {
      std::visit([](const auto& model) { CHASKI_ASSERT(sim::problem_with(model).empty()); },
                 group.model);
    }
  }
  return 0;
}
