// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/memory_envelope_store.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

namespace chaski::mesh_router {

std::size_t MemoryEnvelopeStore::IdHash::operator()(const wire::EnvelopeId& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash;
}

base::Expected<StoreKey, StoreError> MemoryEnvelopeStore::put(const EnvelopeRecord& record,
                                                              base::ByteView envelope) {
  if (!accepts_ || envelope.size() > bytes_max_ - bytes_) {
    return base::unexpected(StoreError::full);
  }
  const StoreKey key = next_key_++;
  bytes_ += envelope.size();
  entries_.emplace(key, Entry{record, base::Bytes(envelope.begin(), envelope.end())});
  return key;
}

base::ByteView MemoryEnvelopeStore::read(StoreKey key) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return {};
  return entry->second.bytes;
}

void MemoryEnvelopeStore::erase(StoreKey key) {
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  bytes_ -= entry->second.bytes.size();
  entries_.erase(entry);
}

void MemoryEnvelopeStore::put_tombstone(const wire::EnvelopeId& id, base::Time until) {
  base::Time& known = tombstones_.try_emplace(id, until).first->second;
  known = std::max(known, until);
}

void MemoryEnvelopeStore::expire_tombstones(base::Time now) {
  std::erase_if(tombstones_, [now](const auto& entry) { return entry.second <= now; });
}

void MemoryEnvelopeStore::for_each(
    const std::function<void(StoreKey, const EnvelopeRecord&)>& visit) {
  std::vector<StoreKey> keys;
  keys.reserve(entries_.size());
  for (const auto& [key, entry] : entries_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  for (const StoreKey key : keys) visit(key, entries_.at(key).record);
}

void MemoryEnvelopeStore::for_each_tombstone(
    const std::function<void(const wire::EnvelopeId&, base::Time)>& visit) {
  for (const auto& [id, until] : tombstones_) visit(id, until);
}

StoreUsage MemoryEnvelopeStore::usage() const { return {entries_.size(), bytes_, bytes_max_}; }

}  // namespace chaski::mesh_router
