// SPDX-License-Identifier: Apache-2.0
#include "e2ee/base32.hpp"

namespace chaski::e2ee {
namespace {

/// a to z, 2 to 7, by arithmetic: a look-up would depend on what a link keeps secret.
char digit_of(std::uint32_t value) {
  const std::uint32_t is_number = (25U - value) >> 31;
  return static_cast<char>(value + 'a' - is_number * ('a' + 26 - '2'));
}

std::optional<std::uint32_t> value_of(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= '2' && c <= '7') return static_cast<std::uint32_t>(c - '2') + 26;
  return std::nullopt;
}

}  // namespace

std::string to_base32(base::ByteView bytes) {
  std::string out;
  out.reserve((bytes.size() * 8 + 4) / 5);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) out += digit_of((bits >> (count - 5)) & 31);
  }
  if (count > 0) out += digit_of((bits << (5 - count)) & 31);
  return out;
}

std::optional<base::Bytes> from_base32(std::string_view text) {
  base::Bytes out;
  out.reserve(text.size() * 5 / 8);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const auto value = value_of(c);
    if (!value) return std::nullopt;
    bits = (bits << 5) | *value;
    count += 5;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> count));
    }
  }
  // What is left over is less than a character and all zero: there is one way to write a text.
  if (count >= 5 || (bits & ((1U << count) - 1)) != 0) return std::nullopt;
  return out;
}

}  // namespace chaski::e2ee
