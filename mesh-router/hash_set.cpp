// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/hash_set.hpp"

#include <utility>

namespace chaski::mesh_router {

namespace {
constexpr std::size_t kFirstSize = 16;
}

/// Where `key` is, or the empty place where it would go.
std::size_t HashSet::place(std::uint64_t key) const {
  std::size_t at = home(key);
  while (entries_[at] != kEmpty && entries_[at] != key) at = (at + 1) & mask_;
  return at;
}

bool HashSet::contains(std::uint64_t hash) const {
  if (size_ == 0) return false;
  return entries_[place(key_of(hash))] != kEmpty;
}

bool HashSet::insert(std::uint64_t hash) {
  if ((size_ + 1) * 4 > entries_.size() * 3) grow();
  const std::uint64_t key = key_of(hash);
  const std::size_t at = place(key);
  if (entries_[at] != kEmpty) return false;
  entries_[at] = key;
  ++size_;
  return true;
}

bool HashSet::erase(std::uint64_t hash) {
  if (size_ == 0) return false;
  std::size_t hole = place(key_of(hash));
  if (entries_[hole] == kEmpty) return false;
  // Entries of the cluster behind move up unless that would put them before their home.
  for (std::size_t at = (hole + 1) & mask_; entries_[at] != kEmpty; at = (at + 1) & mask_) {
    const std::size_t distance = (at - home(entries_[at])) & mask_;
    if (distance < ((at - hole) & mask_)) continue;
    entries_[hole] = entries_[at];
    hole = at;
  }
  entries_[hole] = kEmpty;
  --size_;
  return true;
}

void HashSet::clear() {
  entries_ = std::vector<std::uint64_t>();
  mask_ = 0;
  size_ = 0;
}

void HashSet::grow() {
  std::vector<std::uint64_t> old = std::exchange(entries_, {});
  entries_.assign(old.empty() ? kFirstSize : old.size() * 2, kEmpty);
  mask_ = entries_.size() - 1;
  for (const std::uint64_t key : old) {
    if (key != kEmpty) entries_[place(key)] = key;
  }
}

}  // namespace chaski::mesh_router
