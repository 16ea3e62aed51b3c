// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "transport-lan/instance_id.hpp"

namespace chaski::transport_lan {

/// The first bytes of each direction of a connection: "CHK1", then the sender's instance id.
///
/// Source: docs/protocol/lan.md, 4.1.
constexpr std::size_t kPreambleSize = 12;
using Preamble = std::array<std::uint8_t, kPreambleSize>;

Preamble encode_preamble(const InstanceId& own);

/// The peer's id, or nothing when the 12 bytes are no preamble of this version.
std::optional<InstanceId> decode_preamble(base::ByteView bytes);

/// Size of the length that stands before each frame: 4 bytes, big-endian.
constexpr std::size_t kLengthSize = 4;

void encode_length(base::MutableByteView out, std::size_t length);
std::size_t decode_length(base::ByteView in);

/// What split_frames made of its bytes: `used` of them from the start; not `fine`: a forbidden
/// length follows.
struct Split {
  std::size_t used = 0;
  bool fine = true;
};

/// Hands the whole frames at the start of `bytes` to `take`, in order, until it returns false.
///
/// A length is 1 to `frame_size_max`. Source: docs/protocol/lan.md, 4.5.
template <class Take>
Split split_frames(base::MutableByteView bytes, std::size_t frame_size_max, Take&& take) {
  Split split;
  while (bytes.size() - split.used >= kLengthSize) {
    const std::size_t length = decode_length(bytes.subspan(split.used));
    split.fine = length > 0 && length <= frame_size_max;
    if (!split.fine || bytes.size() - split.used - kLengthSize < length) break;
    const auto frame = bytes.subspan(split.used + kLengthSize, length);
    split.used += kLengthSize + length;
    if (!take(frame)) break;
  }
  return split;
}

}  // namespace chaski::transport_lan
