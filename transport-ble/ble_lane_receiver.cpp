// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_lane_receiver.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_ble {

bool LaneReceiver::plausible(const LanePacket& packet) const {
  constexpr int kWindow = static_cast<int>(kLaneWindow);
  const int ahead = lane_distance(next_, packet.number);
  // Behind is what is sent again though it is here. Without bytes it bears the number of what the
  // other sends next, which a full window allows no packet to have.
  return ahead >= -kWindow && (ahead < kWindow || (ahead == kWindow && packet.bytes.empty()));
}

bool LaneReceiver::receive(const LanePacket& packet, base::Time now) {
  CHASKI_ASSERT(!packet.bytes.empty() && plausible(packet));
  auto& place = held_[packet.number % kLaneWindow];
  if (lane_distance(next_, packet.number) < 0 || place.here) {
    acknowledge_at_ = now;  // it does not know that it arrived
    return true;
  }
  place.here = true;
  place.begins = packet.begins;
  place.ends = packet.ends;
  place.bytes.assign(packet.bytes.begin(), packet.bytes.end());
  if (++unsaid_ >= kAcknowledgeAfter) {
    acknowledge_at_ = now;
  } else if (!acknowledge_at_) {
    acknowledge_at_ = now + kAcknowledgeWithin;
  }
  while (held_[next_ % kLaneWindow].here) {
    auto& first = held_[next_ % kLaneWindow];
    const bool fine = join(first);
    first = Held{};
    ++next_;
    if (!fine) return false;
  }
  return true;
}

bool LaneReceiver::join(Held& packet) {
  if (packet.begins == frame_.has_value()) return false;
  if (packet.begins) frame_.emplace();
  if (frame_->size() + packet.bytes.size() > kLaneFrameSizeMax) return false;
  frame_->insert(frame_->end(), packet.bytes.begin(), packet.bytes.end());
  if (!packet.ends) return true;
  frames_.push_back(std::move(*frame_));
  frame_.reset();
  return true;
}

std::optional<base::Bytes> LaneReceiver::next_frame() {
  if (frames_.empty()) return std::nullopt;
  auto frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

void LaneReceiver::acknowledged() {
  unsaid_ = 0;
  acknowledge_at_.reset();
}

}  // namespace chaski::transport_ble
