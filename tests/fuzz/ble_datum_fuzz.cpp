// SPDX-License-Identifier: Apache-2.0
// What a stranger advertises: taken only as docs/protocol/ble.md, 2.2 has it, and written back as
// it came but for the hints that mean nothing yet.
#include <algorithm>

#include "base/assert.hpp"
#include "transport-ble/ble_datum.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes(data, size);
  const auto datum = transport_ble::parse_datum(bytes);
  const bool ours = size == 8 && data[0] / 16 == 1;
  CHASKI_ASSERT(datum.has_value() == ours);
  if (!datum) return 0;
  const auto again = transport_ble::encode(*datum);
  CHASKI_ASSERT(again[0] == (data[0] & 0xF3));
  CHASKI_ASSERT(std::equal(again.begin() + 1, again.end(), data + 1));
  CHASKI_ASSERT(transport_ble::parse_datum(again) == datum);
  return 0;
}
