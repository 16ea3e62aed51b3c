// SPDX-License-Identifier: Apache-2.0
#include "embedded/flash_store.hpp"

#include <algorithm>

namespace chaski::embedded {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreError;
using mesh_router::StoreKey;

namespace {

/// Two byte strings, one after the other.
class TwoParts final : public FlashPayload {
 public:
  TwoParts(base::ByteView first, base::ByteView second) : first_(first), second_(second) {}
  bool read(std::size_t offset, base::MutableByteView out) override {
    for (std::uint8_t& byte : out) {
      byte = offset < first_.size() ? first_[offset] : second_[offset - first_.size()];
      ++offset;
    }
    return true;
  }

 private:
  base::ByteView first_;
  base::ByteView second_;
};

}  // namespace

FlashStore::FlashStore(const chaski_flash& flash, const FlashStoreSpace& space)
    : log_(flash, space.pages),
      entries_(space.entries),
      tombstones_(space.tombstones),
      buffer_(space.buffer) {
  if (log_.possible()) mount();
  broken_ = capacity() == 0;
}

FlashIndex& FlashStore::index_of(FlashRecordKind kind) {
  return kind == FlashRecordKind::put ? entries_ : tombstones_;
}

/// What one thing takes in flash at most: its record, and the one that will erase it.
std::uint64_t FlashStore::cost(std::uint32_t payload_size) const {
  return std::uint64_t{log_.record_bytes(payload_size)} + log_.record_bytes(0);
}

/// Pages that cleaning needs: the one it cleans, the two that it begins and ends in, two that
/// fail, and what the largest envelope takes.
std::uint64_t FlashStore::reserve_pages() const {
  const auto largest = static_cast<std::uint32_t>(kPackedRecordSize + buffer_.size());
  return 5 + (cost(largest) + log_.page_room() - 1) / log_.page_room();
}

/// Bytes that may be kept so that cleaning always comes to an end: of each page all but what is
/// lost at its end, and the note that it was cleaned.
std::uint64_t FlashStore::capacity() const {
  if (!log_.possible() || kPackedRecordSize + buffer_.size() > kFlashPayloadMax) return 0;
  if (log_.usable_pages() <= reserve_pages()) return 0;
  return (log_.usable_pages() - reserve_pages()) * (log_.page_room() - 2 * log_.record_bytes(0));
}

std::uint64_t FlashStore::quota() const {
  const std::uint64_t kept = tombstones_.size_max() * cost(kFlashTombstoneSize);
  return (capacity() - std::min(capacity(), kept)) * kFillPercent / 100;
}

void FlashStore::count() {
  held_ = live_ = used_ = 0;
  entries_.for_each([this](const FlashEntry& entry) {
    used_ += cost(entry.size);
    if (entry.dying) return;
    live_ += cost(entry.size);
    ++held_;
  });
  used_ += tombstones_.size() * cost(kFlashTombstoneSize);
}

base::Expected<StoreKey, StoreError> FlashStore::put(const EnvelopeRecord& record,
                                                     base::ByteView envelope) {
  if (broken_) return base::unexpected(StoreError::broken);
  if (!accepts()) return base::unexpected(StoreError::read_only);
  if (envelope.size() > buffer_.size()) return base::unexpected(StoreError::quota);
  if (entries_.full()) return base::unexpected(StoreError::full);
  const PackedRecord packed = pack_record(record);
  const auto size = static_cast<std::uint32_t>(packed.size() + envelope.size());
  if (live_ + cost(size) > quota()) return base::unexpected(StoreError::quota);
  if (used_ + cost(size) > capacity()) return base::unexpected(StoreError::full);
  TwoParts payload(packed, envelope);
  const auto key = add(FlashRecordKind::put, size, payload);
  if (!key) return base::unexpected(broken_ ? StoreError::broken : StoreError::full);
  return *key;
}

std::optional<StoreKey> FlashStore::add(FlashRecordKind kind, std::uint32_t size,
                                        FlashPayload& payload) {
  if (!make_room(log_.record_bytes(size))) return std::nullopt;
  const StoreKey key = next_key_++;
  log_.next_key = next_key_;
  const auto at = log_.append({kind, size, key, batch_}, &payload);
  if (!at) {
    broken_ = true;
    return std::nullopt;
  }
  FlashEntry entry;
  entry.key = key & (mesh_router::kStoreKeyEnd - 1);
  entry.fresh = 1;
  entry.at = *at;
  entry.size = size;
  index_of(kind).insert(entry);
  changed_ = true;
  count();
  return key;
}

base::ByteView FlashStore::read(StoreKey key) {
  const FlashEntry* entry = entries_.find(key);
  if (entry == nullptr || entry->dying) return {};
  const base::MutableByteView out = buffer_.first(entry->size - kPackedRecordSize);
  FlashRecord record;
  record.header.size = entry->size;
  record.at = entry->at;
  record.sequence = log_.sequence_at(entry->at);
  if (!log_.intact(record) || !log_.read(entry->at, kPackedRecordSize, out)) return {};
  return out;
}

void FlashStore::erase(StoreKey key) {
  remove(entries_, key);
}

void FlashStore::remove(FlashIndex& index, StoreKey key) {
  const FlashEntry* known = index.find(key);
  if (known == nullptr || known->dying) return;
  changed_ = true;
  // Cleaning may find that it decayed, and forget it.
  if (!broken_) make_room(log_.record_bytes(0));
  FlashEntry* const entry = index.find(key);
  if (entry != nullptr) {
    if (!append_erase(key)) broken_ = true;
    if (entry->fresh) {
      index.remove(key);
    } else {
      entry->dying = 1;
    }
  }
  count();
}

bool FlashStore::append_erase(StoreKey key) {
  return !broken_ && log_.append({FlashRecordKind::erase, 0, key, batch_}, nullptr).has_value();
}

bool FlashStore::commit(base::Time now) {
  constexpr base::Time kTimeLast = base::Time{base::Duration{kFlashTimeEnd_us - 1}};
  time_ = std::min(std::max(time_, now), kTimeLast);
  if (broken_) return !changed_;
  if (!changed_ && time_ - saved_ < kTimeSavedEvery) return true;
  const auto time_us = base::to_us(time_);
  log_.time_us = time_us;
  make_room(log_.record_bytes(0));
  const auto kind = changed_ ? FlashRecordKind::commit : FlashRecordKind::time;
  if (!log_.append({kind, 0, static_cast<std::uint64_t>(time_us), batch_}, nullptr)) {
    broken_ = true;
    return !changed_;
  }
  saved_ = time_;
  if (changed_) keep_batch();
  changed_ = false;
  return true;
}

void FlashStore::keep_batch() {
  for (FlashIndex* index : {&entries_, &tombstones_}) {
    index->remove_if([](const FlashEntry& entry) { return entry.dying != 0; });
    index->for_each([](FlashEntry& entry) { entry.fresh = 0; });
  }
  ++batch_;
  count();
}

void FlashStore::for_each(const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) {
  // By key, so that what is visited may be erased.
  StoreKey next = 0;
  for (std::size_t i = 0; (i = entries_.lower_bound(next)) < entries_.size();) {
    const FlashEntry entry = entries_[i];
    next = entry.key + 1;
    PackedRecord packed{};
    if (entry.dying || !log_.read(entry.at, 0, packed)) continue;
    if (const auto record = unpack_record(packed)) visit(entry.key, *record);
  }
}

mesh_router::StoreUsage FlashStore::usage() const {
  return {held_, live_, quota()};
}

bool FlashStore::accepts() const {
  return !broken_ && capacity() > 0 && next_key_ < mesh_router::kStoreKeyEnd &&
         batch_ < kFlashCountEnd;
}

FlashStore::Damage FlashStore::damage() const {
  return {lost_, not_indexed_, log_.bad_pages(), broken_};
}

}  // namespace chaski::embedded
