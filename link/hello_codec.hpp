// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "link/link.hpp"

namespace chaski::link {

/// Largest encoded Hello: what fits the payload of message 2 behind its length byte.
inline constexpr std::size_t kHelloSizeMax = 61;

/// A Hello and the protocol version that goes with it.
struct VersionedHello {
  std::uint8_t version = 0;
  Hello hello;
};

/// Fills `payload` with length byte, Hello and zeros.
void encode_hello(const VersionedHello& hello, base::MutableByteView payload);
/// Nothing when it is malformed or names a frame size that no transport may have.
std::optional<VersionedHello> decode_hello(base::ByteView payload);

}  // namespace chaski::link
