// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace chaski::mesh_router {

/// A signed number of 48 bits in six bytes, aligned to two: for tables where eight are too many.
class Packed48 {
 public:
  /// Numbers from -kEnd to kEnd - 1 fit.
  static constexpr std::int64_t kEnd = std::int64_t{1} << 47;

  Packed48() = default;
  explicit Packed48(std::int64_t value)
      : low_(static_cast<std::uint16_t>(value)),
        middle_(static_cast<std::uint16_t>(value >> 16)),
        high_(static_cast<std::int16_t>(value >> 32)) {}
  std::int64_t value() const {
    return std::int64_t{high_} * (std::int64_t{1} << 32) + (std::int64_t{middle_} << 16) + low_;
  }

 private:
  std::uint16_t low_ = 0;
  std::uint16_t middle_ = 0;
  std::int16_t high_ = 0;
};

}  // namespace chaski::mesh_router
