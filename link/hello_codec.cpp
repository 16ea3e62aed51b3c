// SPDX-License-Identifier: Apache-2.0
#include "link/hello_codec.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/assert.hpp"
#include "wire/canonical.hpp"
#include "wire/limits.hpp"

namespace chaski::link {

namespace {

constexpr std::uint64_t kTypeMask = 7;
constexpr unsigned kTypeBits = 3;
enum WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

/// Reads a Protocol Buffers message ("Encoding") of whoever wrote it: fields in any order, the last
/// of each counts, varints of any length.
class LooseReader {
 public:
  explicit LooseReader(base::ByteView bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty(); }

  bool varint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && !rest_.empty(); shift += 7) {
      const std::uint8_t byte = rest_[0];
      if (shift == 63 && (byte & 0xFEu) != 0) return false;
      rest_ = rest_.subspan(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return true;
    }
    return false;
  }
  bool skip(std::uint64_t wire_type) {
    std::uint64_t size = 0;
    switch (wire_type) {
      case kVarint:
        return varint(size);
      case kFixed64:
        return drop(8);
      case kBytes:
        return varint(size) && drop(size);
      case kFixed32:
        return drop(4);
      default:
        return false;
    }
  }

 private:
  bool drop(std::uint64_t size) {
    if (size > rest_.size()) return false;
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return true;
  }

  base::ByteView rest_;
};

/// Fields 1 to 3: version, capabilities, frame_size_max.
using Fields = std::array<std::uint64_t, 3>;
constexpr Fields kFieldsMax = {UINT8_MAX, UINT32_MAX, UINT32_MAX};

bool read_fields(base::ByteView bytes, Fields& fields) {
  LooseReader reader(bytes);
  while (!reader.at_end()) {
    std::uint64_t tag = 0;
    if (!reader.varint(tag) || tag > UINT32_MAX) return false;
    const auto number = static_cast<std::size_t>(tag >> kTypeBits);
    if (number == 0) return false;
    if (number > fields.size()) {
      if (!reader.skip(tag & kTypeMask)) return false;
      continue;
    }
    std::uint64_t& field = fields[number - 1];
    if ((tag & kTypeMask) != kVarint || !reader.varint(field)) return false;
    if (field > kFieldsMax[number - 1]) return false;
  }
  return true;
}

}  // namespace

void encode_hello(const VersionedHello& hello, base::MutableByteView payload) {
  CHASKI_ASSERT(payload.size() > kHelloSizeMax);
  std::fill(payload.begin(), payload.end(), std::uint8_t{0});
  const auto size = wire::CanonicalWriter(payload.subspan(1, kHelloSizeMax))
                        .number(1, hello.version)
                        .number(2, hello.hello.capabilities)
                        .number(3, hello.hello.frame_size_max)
                        .size();
  CHASKI_ASSERT(size.has_value());
  payload[0] = static_cast<std::uint8_t>(*size);
}

std::optional<VersionedHello> decode_hello(base::ByteView payload) {
  if (payload.empty()) return std::nullopt;
  const std::size_t size = payload[0];
  if (size > kHelloSizeMax || size > payload.size() - 1) return std::nullopt;
  Fields fields{};
  if (!read_fields(payload.subspan(1, size), fields)) return std::nullopt;
  VersionedHello hello{
      static_cast<std::uint8_t>(fields[0]),
      {static_cast<std::uint32_t>(fields[1]), static_cast<std::uint32_t>(fields[2])}};
  if (hello.hello.frame_size_max < wire::kFrameSizeMin) return std::nullopt;
  constexpr auto kLargest = static_cast<std::uint32_t>(wire::kFrameSizeMax);
  hello.hello.frame_size_max = std::min(hello.hello.frame_size_max, kLargest);
  return hello;
}

}  // namespace chaski::link
