// SPDX-License-Identifier: Apache-2.0
#include "reconcile/short_id_set.hpp"

#include <algorithm>
#include <bit>

namespace chaski::reconcile {

namespace {

// What one piece of work looks at, for about half a millisecond each.
constexpr std::size_t kCountSlice = 65'536;
constexpr std::size_t kPermuteSlice = 16'384;
constexpr std::size_t kSortSlice = 8'192;
constexpr std::size_t kUniqueSlice = 65'536;
constexpr std::size_t kBucketSize = 32;

template <class T>
void release(std::vector<T>& vector) {
  vector = std::vector<T>();
}

}  // namespace

void ShortIdSet::reserve(std::size_t count) {
  ids_.reserve(count);
  index_.reserve(count);
}

void ShortIdSet::add(ShortId id) {
  index_.push_back(static_cast<std::uint32_t>(ids_.size()));
  ids_.push_back(id);
}

bool ShortIdSet::sort_some() {
  if (heads_.empty() && step_ != Step::done) begin();
  bool more = false;
  switch (step_) {
    case Step::count: more = count_some(); break;
    case Step::permute: more = permute_some(); break;
    case Step::sort: more = sort_buckets(); break;
    case Step::unique: more = unique_some(); break;
    case Step::done: return false;
  }
  if (!more) {
    step_ = static_cast<Step>(static_cast<int>(step_) + 1);
    at_ = 0;
  }
  return step_ != Step::done;
}

void ShortIdSet::begin() {
  const auto bits = static_cast<unsigned>(std::bit_width(ids_.size() / kBucketSize));
  shift_ = kFieldBits - bits;
  heads_.assign(std::size_t{1} << bits, 0);
}

bool ShortIdSet::count_some() {
  const std::size_t last = std::min(ids_.size(), at_ + kCountSlice);
  for (; at_ < last; ++at_) ++heads_[bucket(ids_[at_])];
  if (at_ < ids_.size()) return true;
  std::uint32_t total = 0;
  for (std::uint32_t& head : heads_) {
    const std::uint32_t count = head;
    head = total;
    total += count;
    ends_.push_back(total);
  }
  return false;
}

/// Follows the cycles: what stands where bucket `at_` goes on is swapped to where it belongs.
bool ShortIdSet::permute_some() {
  for (std::size_t moves = 0; at_ < heads_.size();) {
    const std::size_t here = heads_[at_];
    if (here == ends_[at_]) {
      ++at_;
      continue;
    }
    if (++moves > kPermuteSlice) return true;
    const std::size_t there = heads_[bucket(ids_[here])]++;
    std::swap(ids_[here], ids_[there]);
    std::swap(index_[here], index_[there]);
  }
  return false;
}

bool ShortIdSet::sort_buckets() {
  for (std::size_t sorted = 0; at_ < ends_.size(); ++at_) {
    if (sorted >= kSortSlice) return true;
    const std::size_t first = at_ == 0 ? 0 : ends_[at_ - 1];
    sort_bucket(first, ends_[at_]);
    sorted += ends_[at_] - first;
  }
  return false;
}

void ShortIdSet::sort_bucket(std::size_t first, std::size_t last) {
  scratch_.clear();
  for (std::size_t i = first; i < last; ++i) scratch_.push_back({ids_[i], index_[i]});
  std::sort(scratch_.begin(), scratch_.end(),
            [](const Entry& a, const Entry& b) { return a.id < b.id; });
  for (const Entry& entry : scratch_) {
    ids_[first] = entry.id;
    index_[first++] = entry.index;
  }
}

/// An id stays when neither neighbour equals it; ids_[kept_] is read before it is written.
bool ShortIdSet::unique_some() {
  const std::size_t size = ids_.size();
  std::size_t run = at_;
  while (at_ < size && at_ - run < kUniqueSlice) {
    std::size_t next = at_ + 1;
    while (next < size && ids_[next] == ids_[at_]) ++next;
    if (next == at_ + 1) {
      ids_[kept_] = ids_[at_];
      index_[kept_++] = index_[at_];
    } else {
      repeated_.insert(repeated_.end(), index_.begin() + static_cast<std::ptrdiff_t>(at_),
                       index_.begin() + static_cast<std::ptrdiff_t>(next));
    }
    at_ = next;
  }
  if (at_ < size) return true;
  ids_.resize(kept_);
  index_.resize(kept_);
  release(heads_);
  release(ends_);
  release(scratch_);
  return false;
}

std::size_t ShortIdSet::below(ShortId id) const {
  return static_cast<std::size_t>(std::lower_bound(ids_.begin(), ids_.end(), id) - ids_.begin());
}

bool ShortIdSet::contains(ShortId id) const {
  return std::binary_search(ids_.begin(), ids_.end(), id);
}

std::span<const ShortId> ShortIdSet::in(const IdRange& range) const {
  const std::size_t first = below(range.low);
  return ids().subspan(first, below(range.high) - first);
}

std::size_t ShortIdSet::memory_used() const {
  return ids_.capacity() * sizeof(ShortId) + scratch_.capacity() * sizeof(Entry) +
         (index_.capacity() + repeated_.capacity() + heads_.capacity() + ends_.capacity()) *
             sizeof(std::uint32_t);
}

}  // namespace chaski::reconcile
