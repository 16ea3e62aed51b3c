// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/error.hpp"

namespace chaski::wire {

/// Most fields that a canonical message may have: its tags are one byte each.
inline constexpr std::size_t kFieldsMax = 15;

/// Bytes of the shortest base-128 varint of `value`: 1 to 10 (Protocol Buffers, "Encoding").
constexpr std::size_t varint_size(std::uint64_t value) {
  std::size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    ++size;
  }
  return size;
}

/// Bytes of a canonical varint field: none when it has its default value.
constexpr std::size_t varint_field_size(std::uint64_t value) {
  return value == 0 ? 0 : 1 + varint_size(value);
}

/// Reads a shortest-form varint of at most `size_max` bytes at `at` and moves `at` behind it.
///
/// Errors: truncated, malformed (longer than size_max, above 64 bits, or not the shortest form).
std::optional<WireError> read_varint(base::ByteView bytes, std::size_t size_max, std::size_t& at,
                                     std::uint64_t& value);

/// Whether `bytes` are the one canonical encoding of a message of this shape: one character a
/// field, numbered from 1, `v` for a varint and `b` for a byte string.
///
/// Canonical: ascending field numbers, each at most once, of the type that the shape says, shortest
/// varints, and nothing that has its default value (0 or empty). This is checked before a decoder
/// sees the bytes, so that one message has one encoding and one hash.
/// Errors: truncated, malformed.
std::optional<WireError> check_canonical(base::ByteView bytes, std::string_view shape);

}  // namespace chaski::wire
