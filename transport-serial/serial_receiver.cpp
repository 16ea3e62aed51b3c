// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/serial_receiver.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::transport_serial {

SerialReceiver::SerialReceiver(std::span<ReceiveSlot> slots, base::MutableByteView bytes,
                               base::MutableByteView frame)
    : slots_(slots), bytes_(bytes), frame_(frame), payload_max_(bytes.size() / slots.size()) {
  CHASKI_ASSERT(!slots.empty() && slots.size() <= kWindowMax);
  CHASKI_ASSERT(payload_max_ >= kPayloadMin && frame.size() >= kFrameSizeMin);
}

void SerialReceiver::begin() {
  std::fill(slots_.begin(), slots_.end(), ReceiveSlot{});
  first_place_ = frame_size_ = unsaid_ = 0;
  joined_ = next_ = 0;
  acknowledge_at_.reset();
  broken_ = false;
}

std::size_t SerialReceiver::place(std::uint8_t number) const {
  const auto ahead = static_cast<std::size_t>(distance(joined_, number));
  return (first_place_ + ahead) % slots_.size();
}

void SerialReceiver::want_acknowledgement(base::Time at) {
  if (!acknowledge_at_ || at < *acknowledge_at_) acknowledge_at_ = at;
}

bool SerialReceiver::receive(const Data& data, base::Time now) {
  const int window = static_cast<int>(slots_.size());
  const int ahead = distance(next_, data.number);
  if (ahead < -window || distance(joined_, data.number) >= window) return false;
  if (data.bytes.size() > payload_max_) return false;
  const bool again = ahead < 0 || slots_[place(data.number)].here;
  if (again) {
    want_acknowledgement(now);  // it does not know that it arrived
    return true;
  }
  const std::size_t at = place(data.number);
  slots_[at] = {static_cast<std::uint8_t>(data.bytes.size()), true, data.ends};
  std::copy(data.bytes.begin(), data.bytes.end(),
            bytes_.begin() + static_cast<std::ptrdiff_t>(at * payload_max_));
  while (distance(joined_, next_) < window && slots_[place(next_)].here) ++next_;
  // What is missing is said at once, and that it came as well.
  const bool news = ahead > 0 || held() != 0;
  const std::size_t after = std::min(kAcknowledgeAfter, (slots_.size() + 1) / 2);
  want_acknowledgement(++unsaid_ >= after || news ? now : now + kAcknowledgeWithin);
  return true;
}

std::uint32_t SerialReceiver::held() const {
  std::uint32_t bits = 0;
  const int left = static_cast<int>(slots_.size()) - distance(joined_, next_);
  for (int i = 1; i < left; ++i) {
    const auto number = static_cast<std::uint8_t>(next_ + i);
    if (slots_[place(number)].here) bits |= std::uint32_t{1} << (i - 1);
  }
  return bits;
}

std::optional<base::MutableByteView> SerialReceiver::next_frame() {
  while (joined_ != next_ && !broken_) {
    ReceiveSlot& slot = slots_[first_place_];
    CHASKI_ASSERT(slot.here);
    if (slot.size > frame_.size() - frame_size_) {
      broken_ = true;
      break;
    }
    const auto from = bytes_.begin() + static_cast<std::ptrdiff_t>(first_place_ * payload_max_);
    std::copy_n(from, slot.size, frame_.begin() + static_cast<std::ptrdiff_t>(frame_size_));
    frame_size_ += slot.size;
    const bool ends = slot.ends;
    slot = ReceiveSlot{};
    first_place_ = (first_place_ + 1) % slots_.size();
    ++joined_;
    if (!ends) continue;
    const auto frame = frame_.first(frame_size_);
    frame_size_ = 0;
    return frame;
  }
  return std::nullopt;
}

void SerialReceiver::acknowledged() {
  unsaid_ = 0;
  acknowledge_at_.reset();
}

}  // namespace chaski::transport_serial
