// SPDX-License-Identifier: Apache-2.0
// What a stranger says first, and what its info says: taken only as docs/protocol/ble.md, 5.1 and
// 5.3 have it, and written back as it came.
#include <algorithm>

#include "base/assert.hpp"
#include "transport-ble/ble_greeting.hpp"
#include "transport-ble/controller_settings.hpp"

using namespace chaski;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const base::ByteView bytes(data, size);
  if (const auto greeting = transport_ble::parse_greeting(bytes)) {
    const auto again = transport_ble::encode(*greeting);
    CHASKI_ASSERT(std::equal(again.begin(), again.end(), bytes.begin(), bytes.end()));
  }
  if (const auto info = transport_ble::parse_info(bytes)) {
    CHASKI_ASSERT(info->lane <= 4 && info->psm <= 0xff);
    CHASKI_ASSERT(transport_ble::parse_info(transport_ble::encode(*info)) == info);
  }
  transport_ble::parse_controller_info(bytes);
  return 0;
}
