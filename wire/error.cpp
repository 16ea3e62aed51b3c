// SPDX-License-Identifier: Apache-2.0
#include "wire/error.hpp"

namespace chaski::wire {

const char* to_string(WireError error) {
  switch (error) {
    case WireError::truncated: return "truncated";
    case WireError::oversized: return "oversized";
    case WireError::malformed: return "malformed";
    case WireError::unknown_version: return "unknown version";
    case WireError::unknown_kind: return "unknown kind";
    case WireError::reserved_value: return "reserved value";
    case WireError::no_room: return "no room";
  }
  return "unknown error";
}

}  // namespace chaski::wire
