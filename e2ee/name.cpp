// SPDX-License-Identifier: Apache-2.0
#include "e2ee/name.hpp"

#include <cstdint>
#include <optional>

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t byte_of(char c) {
  return static_cast<std::uint8_t>(c);
}

/// How many bytes a character takes that starts with `first`, or 0 when none starts so.
std::size_t length_of(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) return 2;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xf0 && first < 0xf5) return 4;
  return 0;
}

/// Takes one code point from the front of `text`, or nothing when it is not well-formed.
std::optional<std::uint32_t> take(std::string_view& text) {
  const std::uint8_t first = byte_of(text.front());
  const std::size_t length = length_of(first);
  if (length == 0 || text.size() < length) return std::nullopt;
  std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    const std::uint8_t next = byte_of(text[i]);
    if ((next & 0xc0) != 0x80) return std::nullopt;
    point = (point << 6) | (next & 0x3fU);
  }
  constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < kSmallest[length] || point > 0x10ffff) return std::nullopt;
  if (point >= 0xd800 && point < 0xe000) return std::nullopt;
  text.remove_prefix(length);
  return point;
}

bool may_be_shown(std::uint32_t point) {
  if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;  // controls
  if (point >= 0x2028 && point <= 0x202e) return false;  // line separators, direction overrides
  if (point == 0x200e || point == 0x200f || point == 0x061c) return false;  // direction marks
  if (point >= 0x2066 && point <= 0x2069) return false;                     // direction isolates
  return point != 0xfeff;
}

}  // namespace

bool is_one_plain_line(std::string_view text) {
  while (!text.empty()) {
    const auto point = take(text);
    if (!point || !may_be_shown(*point)) return false;
  }
  return true;
}

bool is_valid_name(std::string_view name) {
  return name.size() <= kNameSizeMax && is_one_plain_line(name);
}

}  // namespace chaski::e2ee
