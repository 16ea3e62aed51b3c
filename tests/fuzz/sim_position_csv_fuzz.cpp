// SPDX-License-Identifier: Apache-2.0
// A file of positions as comma-separated values. What is taken has a place for every node in every
// sample, and the same places when it is written and read again.
#include "base/assert.hpp"
#include "sim/contacts/position_csv.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto trace = sim::parse_position_csv(text, "f");
  if (!trace) {
    CHASKI_ASSERT(!trace.error().message().empty());
    return 0;
  }
  CHASKI_ASSERT(trace->nodes > 0 && trace->names.size() == trace->nodes);
  CHASKI_ASSERT(trace->samples() * trace->nodes == trace->positions.size());
  CHASKI_ASSERT(trace->interval > base::Duration{});
  const auto again = sim::parse_position_csv(sim::position_csv_text(*trace), "f");
  // Only times may have run away, in a file of few samples that lie years apart.
  if (!again) {
    CHASKI_ASSERT(again.error().expected.find("a time") == 0);
    return 0;
  }
  CHASKI_ASSERT(again->positions == trace->positions && again->names == trace->names);
  return 0;
}
