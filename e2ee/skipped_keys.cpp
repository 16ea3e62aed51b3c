// SPDX-License-Identifier: Apache-2.0
#include "e2ee/skipped_keys.hpp"

namespace chaski::e2ee {

const MessageKey* SkippedKeys::find(const wire::DeliveryTag& tag) const {
  if (tag.is_zero()) return nullptr;
  for (std::size_t i = first_; i < keys_.size(); ++i) {
    if (keys_[i].tag == tag) return &keys_[i].key;
  }
  return nullptr;
}

std::optional<wire::DeliveryTag> SkippedKeys::add(const SkippedKey& skipped) {
  CHASKI_ASSERT(!skipped.tag.is_zero());
  std::optional<wire::DeliveryTag> evicted;
  if (size_ == kMax) {
    while (keys_[first_].tag.is_zero()) ++first_;
    evicted = keys_[first_].tag;
    clear(keys_[first_]);
  }
  if (keys_.size() >= 2 * kMax) close_gaps();
  keys_.push_back(skipped);
  ++size_;
  return evicted;
}

void SkippedKeys::remove(const wire::DeliveryTag& tag) {
  for (std::size_t i = first_; i < keys_.size(); ++i) {
    if (keys_[i].tag == tag) return clear(keys_[i]);
  }
}

void SkippedKeys::expire(base::Time now, std::vector<wire::DeliveryTag>& removed) {
  for (std::size_t i = first_; i < keys_.size(); ++i) {  // clear() may empty the list
    if (keys_[i].tag.is_zero() || keys_[i].expires > now) continue;
    removed.push_back(keys_[i].tag);
    clear(keys_[i]);
  }
}

std::uint64_t SkippedKeys::count_until(base::Time time, std::uint64_t most) const {
  std::uint64_t count = 0;
  for (std::size_t i = first_; i < keys_.size() && count < most; ++i) {
    if (keys_[i].tag.is_zero()) continue;
    if (keys_[i].expires > time) break;
    ++count;
  }
  return count;
}

void SkippedKeys::append_tags(std::vector<wire::DeliveryTag>& out) const {
  for_each([&out](const SkippedKey& key) { out.push_back(key.tag); });
}

void SkippedKeys::clear(SkippedKey& key) {
  key = SkippedKey{};
  if (--size_ == 0) {
    keys_.clear();
    first_ = 0;
  }
}

void SkippedKeys::close_gaps() {
  std::erase_if(keys_, [](const SkippedKey& key) { return key.tag.is_zero(); });
  first_ = 0;
}

}  // namespace chaski::e2ee
