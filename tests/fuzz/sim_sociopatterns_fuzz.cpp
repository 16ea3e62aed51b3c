// SPDX-License-Identifier: Apache-2.0
// A file of sightings. What is taken is a well-formed trace in which no two contacts of a pair
// touch.
#include "base/assert.hpp"
#include "sim/contacts/sociopatterns.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto trace = sim::parse_sociopatterns(text, "f");
  if (!trace) {
    CHASKI_ASSERT(!trace.error().message().empty());
    return 0;
  }
  CHASKI_ASSERT(sim::is_well_formed(*trace));
  CHASKI_ASSERT(!trace->changes.empty() && trace->changes.front().at == base::Time{});
  CHASKI_ASSERT(trace->changes.back().at == trace->end);
  const auto contacts = sim::contacts_of(*trace);
  CHASKI_ASSERT(sim::merged(contacts) == contacts);
  return 0;
}
