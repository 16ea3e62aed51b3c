// SPDX-License-Identifier: Apache-2.0
#include "wire/canonical.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace chaski::wire {

namespace {
constexpr unsigned kTypeBits = 3;
constexpr std::uint8_t kTypeMask = 7;
constexpr std::uint8_t kMoreToCome = 0x80;
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

std::optional<WireError> read_canonical(base::ByteView bytes, std::string_view shape,
                                        std::span<Field> out) {
  CHASKI_ASSERT(shape.size() <= kFieldsMax && out.size() == shape.size());
  std::size_t previous = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::uint8_t tag = bytes[at++];
    const std::size_t field = tag >> kTypeBits;
    if (field <= previous || field > shape.size()) return WireError::malformed;
    previous = field;
    const bool is_varint = shape[field - 1] == 'v';
    if ((tag & kTypeMask) != (is_varint ? kVarintType : kBytesType)) return WireError::malformed;
    std::uint64_t value = 0;
    const std::size_t size_max = is_varint ? kVarintSizeMax : kLengthSizeMax;
    if (const auto error = read_varint(bytes, size_max, at, value)) return error;
    if (value == 0) return WireError::malformed;
    if (is_varint) {
      out[field - 1].number = value;
      continue;
    }
    if (value > bytes.size() - at) return WireError::truncated;
    out[field - 1].bytes = bytes.subspan(at, static_cast<std::size_t>(value));
    at += static_cast<std::size_t>(value);
  }
  return std::nullopt;
}

std::optional<WireError> check_canonical(base::ByteView bytes, std::string_view shape) {
  CHASKI_ASSERT(shape.size() <= kFieldsMax);
  std::array<Field, kFieldsMax> fields;
  return read_canonical(bytes, shape, std::span(fields).first(shape.size()));
}

void CanonicalWriter::varint(std::uint64_t value) {
  for (; value >= kMoreToCome; value >>= 7) {
    out_[at_++] = static_cast<std::uint8_t>(value | kMoreToCome);
  }
  out_[at_++] = static_cast<std::uint8_t>(value);
}

CanonicalWriter& CanonicalWriter::number(std::uint8_t field, std::uint64_t value) {
  if (value == 0) return *this;
  fits_ = fits_ && varint_field_size(value) <= out_.size() - at_;
  if (!fits_) return *this;
  out_[at_++] = static_cast<std::uint8_t>(field << kTypeBits | kVarintType);
  varint(value);
  return *this;
}

CanonicalWriter& CanonicalWriter::bytes(std::uint8_t field, base::ByteView value) {
  if (value.empty()) return *this;
  fits_ = fits_ && 1 + varint_size(value.size()) + value.size() <= out_.size() - at_;
  if (!fits_) return *this;
  out_[at_++] = static_cast<std::uint8_t>(field << kTypeBits | kBytesType);
  varint(value.size());
  std::copy(value.begin(), value.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ += value.size();
  return *this;
}

std::optional<std::size_t> CanonicalWriter::size() const {
  if (!fits_) return std::nullopt;
  return at_;
}

}  // namespace chaski::wire
