// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/small.hpp"

namespace chaski::mesh_router {

/// A hash table that grows a little at a time: linear hashing (Litwin, VLDB 1980) over buckets that
/// are small open-addressed tables themselves.
///
/// Rules: (1) one insert moves at most the entries of two buckets, about 2 x kBucketMean, however
/// many there are; nothing is ever held twice but those. (2) a bucket grows by a quarter, so that
/// its load stays between 0.65 and 0.81 once there are more than a few. (3) entries of one mark are
/// visited in the order in which they came. Marks must come from IdHasher, so that nobody can
/// choose them; long runs of one mark are the owner's to prevent, and slow down one bucket only.
/// Nothing is allocated while it is empty, and nothing is given back before clear(). (4) on a small
/// board there is one bucket.
///
/// Entry: `bool used() const` (false when default constructed) and `std::uint32_t mark() const`.
template <class Entry>
class SplitTable {
 public:
  /// The first entry under `mark` for which `match(entry)` holds, or nullptr. It may be changed as
  /// long as its mark stays, and is valid until the next insert() or erase().
  template <class Match>
  Entry* find(std::uint32_t mark, Match&& match) {
    return const_cast<Entry*>(std::as_const(*this).find(mark, match));
  }
  template <class Match>
  const Entry* find(std::uint32_t mark, Match&& match) const {
    if (size_ == 0) return nullptr;
    const Bucket& bucket = buckets_[bucket_of(mark)];
    if (bucket.capacity == 0) return nullptr;
    for (std::uint32_t at = bucket.home(mark); bucket.places[at].used(); at = bucket.after(at)) {
      const Entry& entry = bucket.places[at];
      if (entry.mark() == mark && match(entry)) return &entry;
    }
    return nullptr;
  }

  void insert(const Entry& entry) {
    if constexpr (kSplits) {
      if (buckets_.empty()) buckets_.emplace_back();
    }
    Bucket& bucket = buckets_[bucket_of(entry.mark())];
    if (!bucket.has_room()) move_into(bucket, bucket.next_capacity(), nullptr, 0);
    bucket.put(entry);
    ++size_;
    if constexpr (kSplits) {
      if (size_ > buckets_.size() * kBucketMean) split();
    }
  }

  /// `entry` is what find() gave.
  void erase(const Entry* entry) {
    Bucket& bucket = buckets_[bucket_of(entry->mark())];
    auto hole = static_cast<std::uint32_t>(entry - bucket.places.get());
    // Entries of the cluster behind move up unless that would put them before their home.
    for (std::uint32_t at = bucket.after(hole); bucket.places[at].used(); at = bucket.after(at)) {
      const std::uint32_t home = bucket.home(bucket.places[at].mark());
      if (bucket.distance(home, at) < bucket.distance(hole, at)) continue;
      bucket.places[hole] = bucket.places[at];
      hole = at;
    }
    bucket.places[hole] = Entry{};
    --bucket.size;
    --size_;
  }

  /// In no order; entries may be changed as long as their marks stay.
  template <class Visit>
  void for_each(Visit&& visit) {
    for (Bucket& bucket : buckets_) {
      for (std::uint32_t at = 0; at < bucket.capacity; ++at) {
        if (bucket.places[at].used()) visit(bucket.places[at]);
      }
    }
  }

  void clear() { *this = SplitTable(); }
  std::size_t size() const { return size_; }
  std::size_t memory_used() const {
    std::size_t places = 0;
    for (const Bucket& bucket : buckets_) places += bucket.capacity;
    return places * sizeof(Entry) + buckets_.size() * sizeof(Bucket);
  }

 private:
  static constexpr std::size_t kBucketMean = 512;
  static constexpr bool kSplits = !base::kSmall;

  struct Bucket {
    std::unique_ptr<Entry[]> places;
    std::uint32_t capacity = 0;
    std::uint32_t size = 0;

    /// By the high bits, because the low ones chose the bucket.
    std::uint32_t home(std::uint32_t mark) const {
      return static_cast<std::uint32_t>(std::uint64_t{mark} * capacity >> 32);
    }
    std::uint32_t after(std::uint32_t at) const { return at + 1 == capacity ? 0 : at + 1; }
    std::uint32_t distance(std::uint32_t from, std::uint32_t to) const {
      return to >= from ? to - from : to + capacity - from;
    }
    bool has_room() const { return (size + 1) * 16 <= capacity * 13; }
    std::uint32_t next_capacity() const {
      return capacity + std::max<std::uint32_t>(capacity / 4, 8);
    }
    /// Room for an eighth more.
    static std::uint32_t capacity_for(std::uint32_t entries) { return entries * 18 / 13 + 8; }
    void put(const Entry& entry) {
      std::uint32_t at = home(entry.mark());
      while (places[at].used()) at = after(at);
      places[at] = entry;
      ++size;
    }
  };

  std::size_t bucket_of(std::uint32_t mark) const {
    if (!kSplits) return 0;
    const std::size_t at = mark & (round_ - 1);
    return at < split_ ? mark & (2 * round_ - 1) : at;
  }

  /// Gives `bucket` room for `capacity` entries; those whose mark has `bit` go to `other`.
  void move_into(Bucket& bucket, std::uint32_t capacity, Bucket* other, std::uint32_t bit) {
    Bucket old = std::exchange(bucket, Bucket{});
    bucket.places = std::make_unique<Entry[]>(capacity);
    bucket.capacity = capacity;
    if (old.size == 0) return;
    // From a gap on, so that no cluster is cut and entries of one mark keep their order.
    std::uint32_t gap = 0;
    while (old.places[gap].used()) ++gap;
    for (std::uint32_t at = old.after(gap); at != gap; at = old.after(at)) {
      const Entry& entry = old.places[at];
      if (entry.used()) ((entry.mark() & bit) != 0 ? *other : bucket).put(entry);
    }
  }

  void split() {
    buckets_.emplace_back();
    Bucket& low = buckets_[split_];
    Bucket& high = buckets_.back();
    const auto bit = static_cast<std::uint32_t>(round_);
    std::uint32_t moving = 0;
    for (std::uint32_t at = 0; at < low.capacity; ++at) {
      const Entry& entry = low.places[at];
      if (entry.used() && (entry.mark() & bit) != 0) ++moving;
    }
    high.capacity = Bucket::capacity_for(moving);
    high.places = std::make_unique<Entry[]>(high.capacity);
    move_into(low, Bucket::capacity_for(low.size - moving), &high, bit);
    if (++split_ < round_) return;
    round_ *= 2;
    split_ = 0;
  }

  std::conditional_t<kSplits, std::vector<Bucket>, std::array<Bucket, 1>> buckets_{};
  std::size_t round_ = 1;  // a power of two: buckets when this round of splits began
  std::size_t split_ = 0;  // buckets below have been split in this round
  std::size_t size_ = 0;
};

}  // namespace chaski::mesh_router
