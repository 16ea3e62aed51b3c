// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace chaski::wire {

/// Why bytes are not what they claim to be.
enum class WireError : std::uint8_t {
  truncated,
  oversized,
  malformed,
  unknown_version,
  unknown_kind,
  reserved_value,
  no_room,
};

const char* to_string(WireError error);

}  // namespace chaski::wire
