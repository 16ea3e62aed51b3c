// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/safe_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdint>

namespace chaski::tools {

namespace {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t size = 0;  ///< 0: not UTF-8
};

/// The first code point of a text that is not empty.
CodePoint decode(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t size = 0;
  std::uint32_t value = 0;
  std::uint32_t least = 0;
  if ((first & 0xe0) == 0xc0) {
    size = 2, value = first & 0x1fU, least = 0x80;
  } else if ((first & 0xf0) == 0xe0) {
    size = 3, value = first & 0x0fU, least = 0x800;
  } else if ((first & 0xf8) == 0xf0) {
    size = 4, value = first & 0x07U, least = 0x10000;
  }
  if (size == 0 || text.size() < size) return {};
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  if (value < least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return {};
  return {value, size};
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// What a terminal must not be given: control, direction, invisible, tags, and what is no
/// character.
constexpr std::array<Range, 13> kHidden{{{0x00, 0x1f},
                                         {0x7f, 0x9f},
                                         {0xad, 0xad},
                                         {0x61c, 0x61c},
                                         {0x180e, 0x180e},
                                         {0x200b, 0x200b},
                                         {0x200e, 0x200f},
                                         {0x2028, 0x202e},
                                         {0x2060, 0x206f},
                                         {0xfeff, 0xfeff},
                                         {0xfff9, 0xfffb},
                                         {0xe0000, 0xe007f},
                                         {0xf0000, 0x10ffff}}};

bool is_hidden(std::uint32_t value) {
  for (const Range& range : kHidden) {
    if (value >= range.first && value <= range.last) return true;
  }
  return false;
}

std::string escaped(std::uint32_t value) {
  switch (value) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  return value < 0x80 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{{{:x}}}", value);
}

std::string shown(std::string_view text, bool keep_lines, std::string_view indent) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (point.size == 0) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (keep_lines && point.value == '\n') {
      out += '\n';
      out += indent;
    } else if (is_hidden(point.value)) {
      out += escaped(point.value);
    } else {
      out += text.substr(0, point.size);
    }
    text.remove_prefix(point.size);
  }
  return out;
}

}  // namespace

std::string one_line(std::string_view text) { return shown(text, false, {}); }

std::string indented(std::string_view text, std::string_view indent) {
  return shown(text, true, indent);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode(text);
    if (point.size == 0) return false;
    text.remove_prefix(point.size);
  }
  return true;
}

}  // namespace chaski::tools
