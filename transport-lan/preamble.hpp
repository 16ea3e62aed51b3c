// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "base/bytes.hpp"
#include "transport-lan/instance_id.hpp"

namespace chaski::transport_lan {

/// The first bytes of each direction of a connection: "CHK1", then the sender's instance id.
///
/// Source: docs/protocol/lan.md, rules 5 and 6.
constexpr std::size_t kPreambleSize = 12;
using Preamble = std::array<std::uint8_t, kPreambleSize>;

Preamble encode_preamble(const InstanceId& own);

/// The peer's id, or nothing when the 12 bytes are no preamble of this version.
std::optional<InstanceId> decode_preamble(base::ByteView bytes);

/// Size of the length that stands before each frame: 4 bytes, big-endian.
constexpr std::size_t kLengthSize = 4;

void encode_length(base::MutableByteView out, std::size_t length);
std::size_t decode_length(base::ByteView in);

}  // namespace chaski::transport_lan
