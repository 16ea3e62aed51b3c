// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_lane_packet.hpp"

#include "base/assert.hpp"

namespace chaski::transport_ble {
namespace {

constexpr std::uint8_t kBegins = 1, kEnds = 2;

}  // namespace

std::optional<LanePacket> parse_lane_packet(base::ByteView value) {
  if (value.size() < kLaneHeaderSize || value.size() > kLanePacketSizeMax) return std::nullopt;
  const std::uint8_t flags = value[2];
  const auto bytes = value.subspan(kLaneHeaderSize);
  if (flags > (kBegins | kEnds) || (bytes.empty() && flags != 0)) return std::nullopt;
  return LanePacket{value[0], value[1], (flags & kBegins) != 0, (flags & kEnds) != 0, bytes};
}

std::size_t encode(const LanePacket& packet, base::MutableByteView out) {
  const std::size_t size = kLaneHeaderSize + packet.bytes.size();
  CHASKI_ASSERT(size <= out.size());
  out[0] = packet.number;
  out[1] = packet.received;
  out[2] = static_cast<std::uint8_t>((packet.begins ? kBegins : 0) | (packet.ends ? kEnds : 0));
  std::copy(packet.bytes.begin(), packet.bytes.end(), out.begin() + kLaneHeaderSize);
  return size;
}

}  // namespace chaski::transport_ble
