// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "base/assert.hpp"

/// The names of our GATT service and of its characteristics (ble.md, 2.1 and 5.1).
namespace chaski::transport_ble {

constexpr const char* kServiceUuid = "5ea0c000-7b1d-4b5f-9d5c-6f0e3c1f8a2e";
constexpr const char* kInfoUuid = "5ea0c001-7b1d-4b5f-9d5c-6f0e3c1f8a2e";

/// Lanes of one listener, numbered from 1.
constexpr std::size_t kLanesMax = 4;

/// The characteristic by which the dialler of lane `n` writes.
inline std::string lane_write_uuid(std::size_t n) {
  CHASKI_ASSERT(n >= 1 && n <= kLanesMax);
  return "5ea0c01" + std::to_string(n - 1) + "-7b1d-4b5f-9d5c-6f0e3c1f8a2e";
}

/// The characteristic by which the listener of lane `n` notifies.
inline std::string lane_notify_uuid(std::size_t n) {
  CHASKI_ASSERT(n >= 1 && n <= kLanesMax);
  return "5ea0c02" + std::to_string(n - 1) + "-7b1d-4b5f-9d5c-6f0e3c1f8a2e";
}

}  // namespace chaski::transport_ble
