// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/ble_lane_sender.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_ble {

LanePace::LanePace(std::size_t packet_bytes)
    : bytes_min_(kPacketsMin * packet_bytes), bytes_(bytes_min_) {}

void LanePace::learn_shortest(base::Duration round_trip, base::Time now) {
  if (!shortest_since_) {
    shortest_ = shortest_before_ = round_trip;
    shortest_since_ = now;
  } else if (now - *shortest_since_ >= kShortestKept) {
    shortest_before_ = shortest_;
    shortest_ = round_trip;
    shortest_since_ = now;
  }
  shortest_ = std::min(shortest_, round_trip);
}

void LanePace::measured(base::Duration round_trip, std::size_t bytes, base::Time now) {
  learn_shortest(round_trip, now);
  if (!smoothed_) {
    smoothed_ = round_trip;
    variation_ = round_trip / 2;
  } else {
    const auto off = *smoothed_ > round_trip ? *smoothed_ - round_trip : round_trip - *smoothed_;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * *smoothed_ + round_trip) / 8;
  }
  const base::Duration target = kDelayTarget;
  const base::Duration queued = round_trip - std::min(shortest_, shortest_before_);
  // From a whole packet more for each that arrived, with nothing queued, to half of one less.
  const auto off = std::clamp(target - queued, -target / 2, target);
  const auto change = static_cast<std::int64_t>(bytes) * off.count() / target.count();
  const auto wanted = static_cast<std::int64_t>(bytes_) + change;
  bytes_ = static_cast<std::size_t>(std::clamp(wanted, static_cast<std::int64_t>(bytes_min_),
                                               static_cast<std::int64_t>(kBytesMax)));
}

void LanePace::timed_out() {
  bytes_ = std::max(bytes_min_, bytes_ / 2);
}

base::Duration LanePace::timeout() const {
  const base::Duration wanted = smoothed_ ? *smoothed_ + 4 * variation_ : base::Duration{};
  return std::clamp<base::Duration>(wanted, kTimeoutMin, kTimeoutMax);
}

LaneSender::LaneSender(std::size_t packet_bytes)
    : packet_bytes_(packet_bytes), pace_(packet_bytes) {
  CHASKI_ASSERT(packet_bytes > 0);
}

void LaneSender::send(base::ByteView frame) {
  CHASKI_ASSERT(room() && !frame.empty() && frame.size() <= kLaneFrameSizeMax);
  frame_.assign(frame.begin(), frame.end());
  cut_ = 0;
}

bool LaneSender::acknowledged(std::uint8_t next, base::Time now) {
  const int ahead = lane_distance(first_, next);
  if (ahead > static_cast<int>(sent_.size()) || ahead < -kBehindMax) return false;
  if (ahead <= 0) return true;  // said before
  started_ = true;
  progress_ = now;
  // Of what was sent twice nobody knows which one arrived, and what is behind it waited for it.
  const bool sent_once = sent_.front().tries == 1;
  std::size_t bytes = 0;
  for (int i = 0; i < ahead; ++i) {
    const auto& packet = sent_.front();
    bytes += packet.bytes.size();
    if (i + 1 == ahead && sent_once) pace_.measured(now - packet.at, bytes, now);
    sent_.pop_front();
  }
  sent_bytes_ -= bytes;
  first_ = next;
  return true;
}

std::optional<base::Time> LaneSender::again_at() const {
  if (sent_.empty() || dead_) return std::nullopt;
  const auto& oldest = sent_.front();
  auto wait = pace_.timeout();
  for (int i = 1; i < oldest.tries; ++i) {
    wait = std::min<base::Duration>(2 * wait, LanePace::kTimeoutMax);
  }
  // What others below held up comes after what was just acknowledged.
  return std::max(oldest.at, progress_) + wait;
}

bool LaneSender::may_cut() const {
  if (room() || sent_.size() >= kLaneWindow) return false;
  if (!started_) return sent_.empty();
  const auto size = std::min(packet_bytes_, frame_.size() - cut_);
  return sent_bytes_ + size <= pace_.bytes();
}

LanePacket LaneSender::give(std::size_t index, base::Time now) {
  auto& packet = sent_[index];
  ++packet.tries;
  packet.at = now;
  const auto number = static_cast<std::uint8_t>(first_ + index);
  return {number, 0, packet.begins, packet.ends, packet.bytes};
}

std::optional<LanePacket> LaneSender::next_packet(base::Time now) {
  const auto again = again_at();
  if (again && now >= *again) {
    if (sent_.front().tries >= kTriesMax) {
      dead_ = true;
      return std::nullopt;
    }
    pace_.timed_out();
    ++sent_again_;
    return give(0, now);
  }
  if (dead_ || !may_cut()) return std::nullopt;
  const auto size = std::min(packet_bytes_, frame_.size() - cut_);
  const auto from = frame_.begin() + static_cast<std::ptrdiff_t>(cut_);
  Sent packet;
  packet.bytes.assign(from, from + static_cast<std::ptrdiff_t>(size));
  packet.begins = cut_ == 0;
  cut_ += size;
  packet.ends = room();
  if (sent_.empty()) progress_ = now;
  sent_.push_back(std::move(packet));
  sent_bytes_ += size;
  return give(sent_.size() - 1, now);
}

}  // namespace chaski::transport_ble
