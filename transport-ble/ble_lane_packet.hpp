// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.hpp"

namespace chaski::transport_ble {

/// Packets that may be on their way unacknowledged, each way; of 256 numbers.
constexpr std::size_t kLaneWindow = 32;
constexpr std::size_t kLaneHeaderSize = 3;
/// The longest value of an attribute is 512 (Core 5.4, Vol 3 Part F, 3.2.9), of which BlueZ 5.66
/// has the 2 bytes of the handle when it is written: it drops what is longer without a word.
constexpr std::size_t kLanePacketSizeMax = 510;
/// What fits the smallest MTU, 23, less the 5 bytes of the attribute protocol.
constexpr std::size_t kLanePacketSizeMin = 18;
constexpr std::size_t kLaneFrameSizeMax = 2048;

/// One packet of a lane (ble.md, 5.5); without bytes it says only `received`.
struct LanePacket {
  std::uint8_t number = 0;
  std::uint8_t received = 0;  ///< the number of the first packet that its sender has not
  bool begins = false;        ///< the first of a frame
  bool ends = false;          ///< the last of a frame
  base::ByteView bytes;       ///< of the frame
};

/// The packet of a value, whose bytes it does not copy; nothing when it is none.
std::optional<LanePacket> parse_lane_packet(base::ByteView value);
/// Writes it to the front of `out`, which has room; its size.
std::size_t encode(const LanePacket& packet, base::MutableByteView out);

/// How far `number` is ahead of `from`, -128 to 127: numbers count modulo 256.
constexpr int lane_distance(std::uint8_t from, std::uint8_t number) {
  return static_cast<std::int8_t>(static_cast<std::uint8_t>(number - from));
}

}  // namespace chaski::transport_ble
