// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/serial_sender.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_serial {
namespace {

/// Where few are lost packets grow by kLonger, where one is by an eighth shorter: at the length
/// where that balances, about the most arrives (serial.md, 7.4).
constexpr std::size_t kLonger = 2;
constexpr std::size_t kShorter = 8;
/// Gets through a line of which nothing is known yet.
constexpr std::size_t kFirstPayload = 64;

base::Duration time_of(std::size_t bytes, std::uint32_t bytes_per_s) {
  return std::chrono::microseconds(std::uint64_t{1'000'000} * bytes / bytes_per_s);
}

}  // namespace

void AckTimer::begin(base::Duration packet_time) {
  packet_time_ = packet_time;
  smoothed_.reset();
  variation_ = {};
}

void AckTimer::measured(base::Duration round_trip) {
  if (!smoothed_) {
    smoothed_ = round_trip;
    variation_ = round_trip / 2;
    return;
  }
  const auto off = *smoothed_ > round_trip ? *smoothed_ - round_trip : round_trip - *smoothed_;
  variation_ = (3 * variation_ + off) / 4;
  smoothed_ = (7 * *smoothed_ + round_trip) / 8;
}

base::Duration AckTimer::timeout(int in_vain) const {
  const base::Duration least = kMin + 2 * packet_time_;
  const base::Duration most = kMax + 8 * packet_time_;
  const base::Duration first = kFirst + 4 * packet_time_;
  base::Duration wait = smoothed_ ? *smoothed_ + 4 * variation_ : first;
  wait = std::clamp(wait, least, most);
  for (int i = 0; i < in_vain && wait < most; ++i) wait = std::min(2 * wait, most);
  return wait;
}

SerialSender::SerialSender(std::span<SendSlot> slots, base::MutableByteView bytes,
                           base::MutableByteView frame)
    : slots_(slots),
      bytes_(bytes),
      frame_(frame),
      slot_bytes_(bytes.size() / slots.size()),
      payload_(std::min(slot_bytes_, kFirstPayload)) {
  CHASKI_ASSERT(!slots.empty() && slots.size() <= kWindowMax);
  CHASKI_ASSERT(slot_bytes_ >= kPayloadMin && slot_bytes_ <= kPayloadMax);
  CHASKI_ASSERT(frame.size() >= kFrameSizeMin);
}

void SerialSender::begin(const LineLimits& other, std::uint32_t bytes_per_s) {
  CHASKI_ASSERT(bytes_per_s > 0);
  frame_size_ = cut_ = first_place_ = count_ = in_flight_ = 0;
  first_ = 0;
  order_ = latest_here_ = 0;
  in_vain_ = 0;
  window_ = std::min(slots_.size(), other.window);
  payload_max_ = std::min(slot_bytes_, other.payload_max);
  payload_ = std::min(payload_, payload_max_);
  const auto ahead = std::uint64_t{bytes_per_s} * std::uint64_t{kAhead.count()} / 1'000;
  in_flight_max_ = std::max(2 * payload_max_, static_cast<std::size_t>(ahead));
  const base::Duration packet_time = time_of(kLineSizeMax, bytes_per_s);
  patience_ = kPatience + 40 * packet_time;
  timer_.begin(packet_time);
}

bool SerialSender::window_open() const {
  return count_ < window_ && (count_ == 0 || in_flight_ + payload_ <= in_flight_max_);
}

bool SerialSender::room() const {
  return cut_ == frame_size_ && window_open();
}

void SerialSender::send(base::ByteView frame) {
  CHASKI_ASSERT(room() && !frame.empty() && frame.size() <= frame_.size());
  std::copy(frame.begin(), frame.end(), frame_.begin());
  frame_size_ = frame.size();
  cut_ = 0;
}

void SerialSender::arrived(SendSlot& packet, base::Time now) {
  if (packet.here) return;
  packet.here = true;
  packet.lost = false;
  latest_here_ = std::max(latest_here_, packet.order);
  if (!packet.once) return;  // of which sending it is the answer nobody knows
  timer_.measured(now - packet.at);
  payload_ = std::min(payload_max_, payload_ + kLonger);
}

void SerialSender::shorter() {
  payload_ -= std::min(payload_ / kShorter, payload_ - kPayloadMin);
}

void SerialSender::find_lost() {
  for (std::size_t i = 0; i < count_; ++i) {
    SendSlot& packet = slot(i);
    if (packet.here || packet.lost || packet.order > latest_here_) continue;
    packet.lost = true;
    shorter();
  }
}

bool SerialSender::acknowledged(const Ack& ack, base::Time now) {
  const int ahead = distance(first_, ack.received);
  if (ahead > static_cast<int>(count_)) return false;
  if (ahead < 0) return true;  // said before
  const auto first = static_cast<std::size_t>(ahead);
  const std::uint32_t beyond = first < count_ ? ack.held >> (count_ - first - 1) : ack.held;
  if (beyond != 0) return false;
  const std::uint32_t latest = latest_here_;
  for (std::size_t i = 0; i < first; ++i) arrived(slot(i), now);
  for (std::size_t i = first + 1; i < count_; ++i) {
    if ((ack.held >> (i - first - 1) & 1u) != 0) arrived(slot(i), now);
  }
  for (std::size_t i = 0; i < first; ++i) in_flight_ -= slot(i).size;
  first_place_ = (first_place_ + first) % slots_.size();
  first_ = ack.received;
  count_ -= first;
  if (first > 0 || latest_here_ != latest) {
    progress_ = now;
    in_vain_ = 0;
  }
  find_lost();
  return true;
}

std::optional<base::Time> SerialSender::gives_up_at() const {
  if (count_ == 0) return std::nullopt;
  return progress_ + patience_;
}

std::optional<base::Time> SerialSender::again_at() const {
  if (count_ == 0) return std::nullopt;
  for (std::size_t i = 0; i < count_; ++i) {
    if (slot(i).lost) return slot(i).at;
  }
  return overdue_at();
}

base::Time SerialSender::overdue_at() const {
  return std::max(slot(0).at, progress_) + timer_.timeout(in_vain_);
}

Data SerialSender::give(std::size_t index, base::Time now) {
  SendSlot& packet = slot(index);
  packet.at = now;
  packet.order = ++order_;
  packet.lost = false;
  const std::size_t place = (first_place_ + index) % slots_.size();
  return {static_cast<std::uint8_t>(first_ + index), 0, packet.ends,
          bytes_.subspan(place * slot_bytes_, packet.size)};
}

Data SerialSender::cut(base::Time now) {
  const std::size_t size = std::min(payload_, frame_size_ - cut_);
  const std::size_t place = (first_place_ + count_) % slots_.size();
  std::copy_n(frame_.begin() + static_cast<std::ptrdiff_t>(cut_), size,
              bytes_.begin() + static_cast<std::ptrdiff_t>(place * slot_bytes_));
  cut_ += size;
  slots_[place] = SendSlot{};
  slots_[place].size = static_cast<std::uint8_t>(size);
  slots_[place].ends = cut_ == frame_size_;
  slots_[place].once = true;
  if (count_ == 0) progress_ = now;
  in_flight_ += size;
  ++count_;
  return give(count_ - 1, now);
}

std::optional<Data> SerialSender::next_packet(base::Time now) {
  for (std::size_t i = 0; i < count_; ++i) {
    SendSlot& packet = slot(i);
    const bool overdue = i == 0 && !packet.lost && now >= overdue_at();
    if (!packet.lost && !overdue) continue;
    if (overdue) {
      ++in_vain_;
      shorter();
    }
    packet.once = false;
    ++sent_again_;
    return give(i, now);
  }
  if (cut_ == frame_size_ || !window_open()) return std::nullopt;
  return cut(now);
}

}  // namespace chaski::transport_serial
