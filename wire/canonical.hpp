// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
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

/// One field of a canonical message as it was read; an absent one is 0 and empty.
struct Field {
  std::uint64_t number = 0;
  base::ByteView bytes{};  ///< a view into what was read
};

/// A number that must fit into T.
template <class T>
bool take_number(const Field& from, T& out) {
  if (from.number > std::numeric_limits<T>::max()) return false;
  out = static_cast<T>(from.number);
  return true;
}

/// Copies a byte field that is absent or exactly as long as `out`.
template <class Tagged>
bool take_exact(const Field& from, Tagged& out) {
  if (from.bytes.empty()) return true;
  if (from.bytes.size() != Tagged::kSize) return false;
  std::copy(from.bytes.begin(), from.bytes.end(), out.bytes.begin());
  return true;
}

/// Reads the one canonical encoding of a message of this shape: one character a field, numbered
/// from 1, `v` for a varint and `b` for a byte string. `out` has one place for each.
///
/// Canonical: ascending field numbers, each at most once, of the type that the shape says, shortest
/// varints, and nothing that has its default value (0 or empty), so that one message has one
/// encoding and one hash. What is read is a Protocol Buffers message ("Encoding").
/// Errors: truncated, malformed.
std::optional<WireError> read_canonical(base::ByteView bytes, std::string_view shape,
                                        std::span<Field> out);

/// Whether `bytes` are canonical: the same without what they say, before a decoder sees them.
std::optional<WireError> check_canonical(base::ByteView bytes, std::string_view shape);

/// Writes a canonical message into `out`: fields in ascending order, each at most once. What has
/// its default value is left out.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(base::MutableByteView out) : out_(out) {}
  CanonicalWriter& number(std::uint8_t field, std::uint64_t value);
  CanonicalWriter& bytes(std::uint8_t field, base::ByteView value);
  /// Bytes written, or nothing when there was no room for all of them.
  std::optional<std::size_t> size() const;

 private:
  void varint(std::uint64_t value);

  base::MutableByteView out_;
  std::size_t at_ = 0;
  bool fits_ = true;
};

}  // namespace chaski::wire
