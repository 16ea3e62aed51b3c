// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_lane.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_ble {

Lane::Lane(std::size_t packet_size_max)
    : packet_size_max_(std::min(packet_size_max, kLanePacketSizeMax)),
      sender_(packet_size_max_ - kLaneHeaderSize) {
  CHASKI_ASSERT(packet_size_max >= kLanePacketSizeMin);
}

std::size_t Lane::frame_size_max() const {
  const std::size_t bytes = packet_size_max_ - kLaneHeaderSize;
  return kLaneFrameSizeMax / bytes * bytes;
}

const char* Lane::why_dead() const {
  if (broken_) return "it broke the rules of a lane";
  if (sender_.dead()) return "it did not acknowledge what was sent";
  return nullptr;
}

void Lane::receive(base::ByteView value, base::Time now) {
  if (dead()) return;
  const auto packet = parse_lane_packet(value);
  // What cannot be of this lane acknowledges nothing either.
  if (!packet || !receiver_.plausible(*packet) || !sender_.acknowledged(packet->received, now)) {
    ++dropped_;
    return;
  }
  if (!packet->bytes.empty() && !receiver_.receive(*packet, now)) broken_ = true;
}

std::size_t Lane::next_packet(base::MutableByteView out, base::Time now) {
  CHASKI_ASSERT(out.size() >= packet_size_max_);
  if (dead()) return 0;
  auto packet = sender_.next_packet(now);
  if (!packet) {
    const auto at = receiver_.acknowledge_at();
    if (dead() || !at || now < *at) return 0;
    packet.emplace();
    packet->number = sender_.next_number();
  }
  packet->received = receiver_.next();
  receiver_.acknowledged();
  return encode(*packet, out);
}

std::optional<base::Time> Lane::next_wakeup() const {
  if (dead()) return std::nullopt;
  const auto again = sender_.again_at(), acknowledge = receiver_.acknowledge_at();
  if (again && acknowledge) return std::min(*again, *acknowledge);
  return again ? again : acknowledge;
}

}  // namespace chaski::transport_ble
