// SPDX-License-Identifier: Apache-2.0
// A NumPy file of positions. What is taken has the number of elements that its shape says.
#include <cmath>

#include "base/assert.hpp"
#include "sim/contacts/position_npy.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto trace = sim::parse_position_npy({data, size}, "f");
  if (!trace) {
    CHASKI_ASSERT(!trace.error().message().empty());
    return 0;
  }
  CHASKI_ASSERT(trace->nodes > 0 && trace->samples() * trace->nodes == trace->positions.size());
  CHASKI_ASSERT(trace->positions.size() * 8 < size);
  for (const sim::Position& position : trace->positions) {
    CHASKI_ASSERT(std::isfinite(position.x_m) && std::isfinite(position.y_m));
  }
  return 0;
}
