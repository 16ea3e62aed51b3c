// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/duplicate_filter.hpp"

#include <algorithm>
#include <utility>

namespace chaski::mesh_router {

DuplicateFilter::DuplicateFilter(std::size_t seen_max, std::size_t tombstones_max)
    : generation_max_(std::max<std::size_t>(seen_max / 2, 1)),
      tombstones_max_(std::max<std::size_t>(tombstones_max, 1)) {}

bool DuplicateFilter::contains(std::uint64_t hash) const {
  return tombstones_.contains(hash) || seen_.contains(hash) || seen_before_.contains(hash);
}

void DuplicateFilter::add_seen(std::uint64_t hash) { put_seen(hash, std::nullopt); }

void DuplicateFilter::add_expired(std::uint64_t hash, base::Time came_first) {
  put_seen(hash, came_first);
}

void DuplicateFilter::put_seen(std::uint64_t hash, std::optional<base::Time> came_first) {
  if (seen_.size() >= generation_max_) {
    seen_before_ = std::exchange(seen_, {});
  }
  seen_.put(hash, came_first);
}

std::optional<base::Time> DuplicateFilter::came_first(std::uint64_t hash, base::Time now) const {
  if (tombstones_.contains(hash)) return std::nullopt;
  return (seen_.contains(hash) ? seen_ : seen_before_).time_of(hash, now);
}

void DuplicateFilter::forget_seen(std::uint64_t hash) {
  seen_.erase(hash);
  seen_before_.erase(hash);
}

void DuplicateFilter::add_tombstone(std::uint64_t hash, base::Time until) {
  // A second one for the same id keeps the first one's end: both are the longest there is.
  if (!tombstones_.insert(hash)) return;
  endings_.push_back({until, hash});
  std::push_heap(endings_.begin(), endings_.end());
  if (endings_.size() > tombstones_max_) drop_earliest();
}

void DuplicateFilter::forget_tombstones() {
  for (const Ending& ending : endings_) add_seen(ending.hash);
  endings_ = {};
  tombstones_ = {};
}

std::size_t DuplicateFilter::expire(base::Time now, std::size_t at_most) {
  std::size_t dropped = 0;
  while (dropped < at_most && !endings_.empty() && endings_.front().until <= now) {
    drop_earliest();
    ++dropped;
  }
  return dropped;
}

std::optional<base::Time> DuplicateFilter::next_expiry() const {
  if (endings_.empty()) return std::nullopt;
  return endings_.front().until;
}

std::size_t DuplicateFilter::memory_used() const {
  return seen_.memory_used() + seen_before_.memory_used() + tombstones_.memory_used() +
         endings_.capacity() * sizeof(Ending);
}

void DuplicateFilter::drop_earliest() {
  tombstones_.erase(endings_.front().hash);
  std::pop_heap(endings_.begin(), endings_.end());
  endings_.pop_back();
}

}  // namespace chaski::mesh_router
