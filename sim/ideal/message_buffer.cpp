// SPDX-License-Identifier: Apache-2.0
#include "sim/ideal/message_buffer.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {

std::size_t MessageBuffer::position(std::uint32_t message, std::uint32_t hash) const {
  const std::uint32_t sought = hash & (buckets_ - 1);
  const auto first = std::partition_point(copies_.begin(), copies_.end(), [&](const HeldCopy& c) {
    return bucket(c) < sought;
  });
  const auto found = std::find_if(first, copies_.end(), [&](const HeldCopy& c) {
    return c.message == message || bucket(c) != sought;
  });
  const bool held = found != copies_.end() && found->message == message;
  return held ? static_cast<std::size_t>(found - copies_.begin()) : copies_.size();
}

HeldCopy* MessageBuffer::find(std::uint32_t message, std::uint32_t hash) {
  const std::size_t at = position(message, hash);
  return at < copies_.size() ? &copies_[at] : nullptr;
}

void MessageBuffer::put(HeldCopy copy) {
  if (HeldCopy* held = find(copy.message, copy.hash)) {
    copy.order = held->order;
    *held = copy;
    return;
  }
  copy.order = next_order_++;
  const auto behind =
      std::partition_point(copies_.begin(), copies_.end(),
                           [&](const HeldCopy& c) { return bucket(c) <= bucket(copy); });
  copies_.insert(behind, copy);
  bytes_ += copy.size_bytes;
  if (copies_.size() * 4 <= std::size_t{buckets_} * 3) return;
  buckets_ *= 2;
  std::sort(copies_.begin(), copies_.end(), [&](const HeldCopy& a, const HeldCopy& b) {
    return bucket(a) != bucket(b) ? bucket(a) < bucket(b) : a.order < b.order;
  });
}

void MessageBuffer::erase(std::uint32_t message, std::uint32_t hash) {
  const std::size_t at = position(message, hash);
  CHASKI_ASSERT(at < copies_.size());
  bytes_ -= copies_[at].size_bytes;
  copies_.erase(copies_.begin() + static_cast<std::ptrdiff_t>(at));
}

}  // namespace chaski::sim
