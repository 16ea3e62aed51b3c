// SPDX-License-Identifier: Apache-2.0
#include "embedded/pool_store.hpp"

#include <algorithm>

namespace chaski::embedded {

using mesh_router::EnvelopeRecord;
using mesh_router::StoreError;
using mesh_router::StoreKey;

namespace {

template <class T>
auto at(std::span<T> items, std::size_t i) {
  return items.begin() + static_cast<std::ptrdiff_t>(i);
}

}  // namespace

base::Expected<StoreKey, StoreError> PoolStore::put(const EnvelopeRecord& record,
                                                    base::ByteView envelope) {
  if (!accepts()) return base::unexpected(StoreError::read_only);
  if (count_ == space_.entries.size()) return base::unexpected(StoreError::full);
  const std::size_t size = kPackedRecordSize + envelope.size();
  if (size > space_.bytes.size() - used_) return base::unexpected(StoreError::quota);
  const PackedRecord packed = pack_record(record);
  std::copy(packed.begin(), packed.end(), at(space_.bytes, used_));
  std::copy(envelope.begin(), envelope.end(), at(space_.bytes, used_ + packed.size()));
  const StoreKey key = next_key_++;
  space_.entries[count_++] = {key, static_cast<std::uint32_t>(used_),
                              static_cast<std::uint32_t>(envelope.size())};
  used_ += size;
  return key;
}

/// Of the first key that is not below this one.
std::size_t PoolStore::index_of(StoreKey key) const {
  const auto begin = space_.entries.begin();
  const auto found =
      std::lower_bound(begin, at(space_.entries, count_), key,
                       [](const PoolEntry& entry, StoreKey k) { return entry.key < k; });
  return static_cast<std::size_t>(found - begin);
}

base::ByteView PoolStore::read(StoreKey key) {
  const std::size_t i = index_of(key);
  if (i == count_ || space_.entries[i].key != key) return {};
  return space_.bytes.subspan(space_.entries[i].at + kPackedRecordSize, space_.entries[i].size);
}

void PoolStore::erase(StoreKey key) {
  const std::size_t i = index_of(key);
  if (i == count_ || space_.entries[i].key != key) return;
  const PoolEntry gone = space_.entries[i];
  const std::size_t size = kPackedRecordSize + gone.size;
  std::copy(at(space_.bytes, gone.at + size), at(space_.bytes, used_), at(space_.bytes, gone.at));
  std::copy(at(space_.entries, i + 1), at(space_.entries, count_), at(space_.entries, i));
  used_ -= size;
  --count_;
  for (PoolEntry& later : space_.entries.subspan(i, count_ - i)) {
    later.at -= static_cast<std::uint32_t>(size);
  }
}

void PoolStore::put_tombstone(const wire::EnvelopeId& id, base::Time until) {
  const auto known = space_.tombstones.first(tombstones_);
  const auto same = std::find_if(known.begin(), known.end(),
                                 [&id](const PoolTombstone& t) { return t.id == id; });
  if (same != known.end()) {
    same->until = std::max(same->until, until);
  } else if (tombstones_ < space_.tombstones.size()) {
    space_.tombstones[tombstones_++] = {id, until};
  } else if (!known.empty()) {
    const auto first = std::min_element(
        known.begin(), known.end(),
        [](const PoolTombstone& a, const PoolTombstone& b) { return a.until < b.until; });
    if (first->until < until) *first = {id, until};
  }
}

void PoolStore::expire_tombstones(base::Time now) {
  const auto known = space_.tombstones.first(tombstones_);
  const auto end = std::remove_if(known.begin(), known.end(),
                                  [now](const PoolTombstone& t) { return t.until <= now; });
  tombstones_ = static_cast<std::size_t>(end - known.begin());
}

void PoolStore::for_each(const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) {
  // By key, so that what is visited may be erased.
  StoreKey next = 0;
  for (std::size_t i = 0; (i = index_of(next)) < count_;) {
    const PoolEntry entry = space_.entries[i];
    next = entry.key + 1;
    PackedRecord packed{};
    std::copy_n(at(space_.bytes, entry.at), packed.size(), packed.begin());
    if (const auto record = unpack_record(packed)) visit(entry.key, *record);
  }
}

void PoolStore::for_each_tombstone(
    const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) {
  for (std::size_t i = 0; i < tombstones_; ++i) {
    visit(space_.tombstones[i].id, space_.tombstones[i].until);
  }
}

mesh_router::StoreUsage PoolStore::usage() const {
  return {count_, used_, space_.bytes.size()};
}

}  // namespace chaski::embedded
