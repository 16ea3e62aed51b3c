// SPDX-License-Identifier: Apache-2.0
#include "node/text.hpp"

#include <cstdint>
#include <cstring>

namespace chaski::node {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t size = 0;  ///< 0: not UTF-8
};

bool is_tail(unsigned char c) {
  return (c & 0xC0u) == 0x80u;
}

/// The character at the start of a text that is not empty.
Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t code = lead & (0xFFu >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    if (!is_tail(byte(i))) return {};
    code = (code << 6) | (byte(i) & 0x3Fu);
  }
  const char32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
  if (code < least || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, size};
}

/// How many characters at the start are ASCII, at least; eight are looked at together.
std::size_t ascii_run(std::string_view text) {
  std::size_t size = 0;
  for (; size + 8 <= text.size(); size += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + size, sizeof eight);
    if ((eight & 0x8080808080808080u) != 0) break;
  }
  return size;
}

/// Controls, and marks that turn the direction of what stands beside them.
bool is_unfit_for_names(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(ascii_run(text));
    if (text.empty()) return true;
    const Character c = first_character(text);
    if (c.size == 0) return false;
    text.remove_prefix(c.size);
  }
}

std::string repaired_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.size == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out += text.substr(0, c.size);
      text.remove_prefix(c.size);
    }
  }
  return out;
}

bool is_valid_name(std::string_view name) {
  if (name.empty() || name.size() > kNameSizeMax) return false;
  if (name.front() == ' ' || name.back() == ' ') return false;
  while (!name.empty()) {
    const Character c = first_character(name);
    if (c.size == 0 || is_unfit_for_names(c.code)) return false;
    name.remove_prefix(c.size);
  }
  return true;
}

bool is_valid_reaction(std::string_view reaction) {
  return reaction.empty() || is_valid_name(reaction);
}

std::string_view utf8_prefix(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  std::size_t size = size_max;
  while (size > 0 && is_tail(static_cast<unsigned char>(text[size]))) --size;
  return text.substr(0, size);
}

}  // namespace chaski::node
