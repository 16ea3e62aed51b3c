// SPDX-License-Identifier: Apache-2.0
// How a FlashStore finds what it holds, and how it makes room in the log.
#include <algorithm>

#include "embedded/flash_store.hpp"
#include "embedded/flash_tombstone.hpp"

namespace chaski::embedded {
namespace {

/// What lies in flash already.
class FlashCopy final : public FlashPayload {
 public:
  FlashCopy(const FlashLog& log, std::uint32_t at) : log_(log), at_(at) {}
  bool read(std::size_t offset, base::MutableByteView out) override {
    return log_.read(at_, offset, out);
  }

 private:
  const FlashLog& log_;
  std::uint32_t at_;
};

}  // namespace

void FlashStore::mount() {
  entries_.clear();
  tombstones_.clear();
  log_.mount();
  next_key_ = log_.next_key;
  resume_time_ = base::from_us(log_.time_us);
  batch_ = 0;
  FlashWalk walk = log_.begin();
  std::uint32_t batch_max = 0;
  while (const auto record = log_.next(walk)) {
    batch_max = std::max(batch_max, record->header.batch);
    replay(*record);
  }
  forget_batch();
  batch_ = batch_max + 1;
  log_.next_key = next_key_;
  log_.time_us = base::to_us(resume_time_);
  time_ = saved_ = resume_time_;
  count();
}

/// A batch is one row of records, those that cleaning writes between them left aside (they have
/// batch 0, or say nothing of things). So what belongs to another batch ends it.
void FlashStore::replay(const FlashRecord& record) {
  const FlashRecordHeader& header = record.header;
  switch (header.kind) {
    case FlashRecordKind::put:
    case FlashRecordKind::tombstone:
      return replay_thing(record);
    case FlashRecordKind::erase:
      open_batch(header.batch);
      for (FlashIndex* index : {&entries_, &tombstones_}) {
        FlashEntry* const entry = index->find(header.value);
        if (entry == nullptr) continue;
        if (!entry->fresh) {
          entry->dying = 1;
        } else {
          index->remove(header.value);
        }
      }
      return;
    case FlashRecordKind::commit:
      open_batch(header.batch);
      keep_batch();
      [[fallthrough]];
    case FlashRecordKind::time:
      resume_time_ = std::max(resume_time_, base::from_us(static_cast<std::int64_t>(header.value)));
      return;
    case FlashRecordKind::trim:
      return;
  }
}

void FlashStore::replay_thing(const FlashRecord& record) {
  const FlashRecordHeader& header = record.header;
  // A key that was given out is not given again, whatever became of what it was for.
  next_key_ = std::max(next_key_, header.value + 1);
  if (header.batch != 0) open_batch(header.batch);
  FlashIndex& index = index_of(header.kind);
  FlashIndex& other = header.kind == FlashRecordKind::put ? tombstones_ : entries_;
  if (other.find(header.value) != nullptr || !log_.intact(record)) return;
  FlashEntry entry;
  entry.key = header.value & (mesh_router::kStoreKeyEnd - 1);
  entry.fresh = header.batch != 0 ? 1 : 0;
  entry.at = record.at;
  entry.size = header.size;
  if (header.kind == FlashRecordKind::put) {
    PackedRecord packed{};
    if (header.size < packed.size() || !log_.read(record.at, 0, packed)) return;
    const auto known = unpack_record(packed);
    if (!known || known->size != header.size - packed.size()) return;
    if (known->size > buffer_.size()) {
      ++not_indexed_;
      return;
    }
  } else if (!read_tombstone(entry)) {
    return;
  }
  if (FlashEntry* const before = index.find(header.value)) {
    before->at = entry.at;
    before->size = entry.size;
  } else if (!index.insert(entry)) {
    ++not_indexed_;
  }
}

void FlashStore::open_batch(std::uint32_t batch) {
  if (batch != batch_) forget_batch();
  batch_ = batch;
}

void FlashStore::forget_batch() {
  for (FlashIndex* index : {&entries_, &tombstones_}) {
    index->remove_if([](const FlashEntry& entry) { return entry.fresh != 0; });
    index->for_each([](FlashEntry& entry) { entry.dying = 0; });
  }
}

/// Cleans pages until `bytes` more can be written and cleaning can still go on after that.
bool FlashStore::make_room(std::uint64_t bytes) {
  const std::uint64_t wanted = bytes + reserve_pages() * log_.page_room();
  for (std::uint32_t left = log_.pages_in_use(); left > 0 && log_.free_bytes() < wanted; --left) {
    if (!clean_tail()) return false;
  }
  return log_.free_bytes() >= wanted;
}

/// Writes again what is held of the oldest page, then drops it.
bool FlashStore::clean_tail() {
  const std::uint32_t sequence = log_.tail();
  FlashWalk walk = log_.begin();
  for (auto record = log_.next(walk); record && record->sequence == sequence;
       record = log_.next(walk)) {
    const FlashRecordKind kind = record->header.kind;
    if (kind != FlashRecordKind::put && kind != FlashRecordKind::tombstone) continue;
    if (!move(*record)) return false;
  }
  return log_.drop_tail();
}

bool FlashStore::move(const FlashRecord& record) {
  FlashIndex& index = index_of(record.header.kind);
  FlashEntry* const entry = index.find(record.header.value);
  if (entry == nullptr || entry->at != record.at) return true;
  if (!log_.intact(record)) {
    ++lost_;
    changed_ = true;
    index.remove(entry->key);
    count();
    return true;
  }
  // What is committed stays so without the commit record, which may be dropped before the copy.
  FlashRecordHeader header = record.header;
  header.batch = entry->fresh ? batch_ : 0;
  FlashCopy payload(log_, record.at);
  const auto at = log_.append(header, &payload);
  if (!at) {
    broken_ = true;
    return false;
  }
  entry->at = *at;
  // Its erase must come after every copy, or it would be dropped before this one.
  if (entry->dying && !append_erase(entry->key)) {
    broken_ = true;
    return false;
  }
  return true;
}

}  // namespace chaski::embedded
