// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/flat_index.hpp"

#include "base/assert.hpp"

namespace chaski::mesh_router {

namespace {
constexpr std::size_t kFirstSize = 16;
}

/// Where the pair is, or the empty place that ends its cluster.
std::size_t FlatIndex::place(std::uint32_t mark, std::uint32_t value) const {
  std::size_t at = mark & mask_;
  while (entries_[at].value != kNone &&
         (entries_[at].mark != mark || entries_[at].value != value)) {
    at = (at + 1) & mask_;
  }
  return at;
}

void FlatIndex::insert(std::uint64_t hash, std::uint32_t value) {
  CHASKI_ASSERT(value != kNone);
  if ((size_ + 1) * 8 > entries_.size() * 7) grow();
  std::size_t at = mark_of(hash) & mask_;
  while (entries_[at].value != kNone) at = (at + 1) & mask_;
  entries_[at] = {mark_of(hash), value};
  ++size_;
}

bool FlatIndex::erase(std::uint64_t hash, std::uint32_t value) {
  if (size_ == 0) return false;
  std::size_t hole = place(mark_of(hash), value);
  if (entries_[hole].value == kNone) return false;
  for (std::size_t at = (hole + 1) & mask_; entries_[at].value != kNone; at = (at + 1) & mask_) {
    const std::size_t distance = (at - (entries_[at].mark & mask_)) & mask_;
    if (distance < ((at - hole) & mask_)) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole] = {};
  --size_;
  return true;
}

bool FlatIndex::replace(std::uint64_t hash, std::uint32_t value, std::uint32_t next) {
  if (size_ == 0) return false;
  const std::size_t at = place(mark_of(hash), value);
  if (entries_[at].value == kNone) return false;
  entries_[at].value = next;
  return true;
}

void FlatIndex::grow() {
  std::vector<Entry> old = std::exchange(entries_, {});
  entries_.assign(old.empty() ? kFirstSize : old.size() * 2, Entry{});
  mask_ = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.value == kNone) continue;
    std::size_t at = entry.mark & mask_;
    while (entries_[at].value != kNone) at = (at + 1) & mask_;
    entries_[at] = entry;
  }
}

}  // namespace chaski::mesh_router
