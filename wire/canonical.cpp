// SPDX-License-Identifier: Apache-2.0
#include "wire/canonical.hpp"

#include "base/assert.hpp"

namespace chaski::wire {

namespace {
constexpr std::uint8_t kVarintType = 0;
constexpr std::uint8_t kBytesType = 2;
constexpr std::size_t kVarintSizeMax = 10;
constexpr std::size_t kLengthSizeMax = 3;
}  // namespace

std::optional<WireError> read_varint(base::ByteView bytes, std::size_t size_max, std::size_t& at,
                                     std::uint64_t& value) {
  value = 0;
  for (std::size_t i = 0; i < size_max; ++i) {
    if (at >= bytes.size()) return WireError::truncated;
    const std::uint8_t byte = bytes[at++];
    const std::uint64_t bits = byte & 0x7Fu;
    // The tenth byte has room for one bit only.
    if (i == kVarintSizeMax - 1 && bits > 1) return WireError::malformed;
    value |= bits << (7 * i);
    if ((byte & 0x80u) != 0) continue;
    if (byte == 0 && i > 0) return WireError::malformed;
    return std::nullopt;
  }
  return WireError::malformed;
}

std::optional<WireError> check_canonical(base::ByteView bytes, std::string_view shape) {
  CHASKI_ASSERT(shape.size() <= kFieldsMax);
  std::size_t previous = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint8_t tag = bytes[at++];
    const std::size_t field = tag >> 3;
    if (field <= previous || field > shape.size()) return WireError::malformed;
    previous = field;
    const bool is_varint = shape[field - 1] == 'v';
    if ((tag & 7u) != (is_varint ? kVarintType : kBytesType)) return WireError::malformed;
    std::uint64_t value = 0;
    const std::size_t size_max = is_varint ? kVarintSizeMax : kLengthSizeMax;
    if (const auto error = read_varint(bytes, size_max, at, value)) return error;
    if (value == 0) return WireError::malformed;
    if (is_varint) continue;
    if (value > bytes.size() - at) return WireError::truncated;
    at += static_cast<std::size_t>(value);
  }
  return std::nullopt;
}

}  // namespace chaski::wire
