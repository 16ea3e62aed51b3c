// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace chaski::link {

/// The protocol versions a node speaks, 1 to 15, both ends included.
struct VersionRange {
  std::uint8_t lowest = 1;
  std::uint8_t highest = 1;

  /// One byte: the lowest in the upper half, the highest in the lower half.
  constexpr std::uint8_t packed() const {
    return static_cast<std::uint8_t>(lowest << 4 | highest);
  }
  /// Nothing when the byte is no range (a zero, or lowest above highest).
  static constexpr std::optional<VersionRange> unpack(std::uint8_t byte) {
    const VersionRange range{static_cast<std::uint8_t>(byte >> 4),
                             static_cast<std::uint8_t>(byte & 0x0F)};
    if (range.lowest == 0 || range.lowest > range.highest) return std::nullopt;
    return range;
  }
  constexpr bool contains(std::uint8_t version) const {
    return lowest <= version && version <= highest;
  }
};

/// What this code speaks.
inline constexpr VersionRange kVersions{1, 1};

/// The highest version that both speak.
constexpr std::optional<std::uint8_t> common_version(VersionRange a, VersionRange b) {
  const std::uint8_t highest = std::min(a.highest, b.highest);
  if (!a.contains(highest) || !b.contains(highest)) return std::nullopt;
  return highest;
}

}  // namespace chaski::link
