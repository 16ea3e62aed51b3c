// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

/// Half-open range of short ids.
struct IdRange {
  ShortId low = 0;
  ShortId high = ShortId{1} << kFieldBits;

  /// Part i of `parts` of nearly equal width; parts below 2^16.
  IdRange part(std::uint32_t i, std::uint32_t parts) const {
    const ShortId width = high - low;
    return {low + width * i / parts, low + width * (i + 1) / parts};
  }
  bool operator==(const IdRange&) const = default;
};

/// The short ids of this side: collected, then sorted in small pieces of work.
///
/// Ids that occur more than once are taken out: the set holds what is there once, repeated() the
/// rest. In memory 12 bytes an id: sorting is in place, by the leading bits into buckets of about
/// 32 (McIlroy, Bostic and McIlroy, "Engineering radix sort", 1993), then each bucket.
class ShortIdSet {
 public:
  void reserve(std::size_t count);
  /// Not after the first sort_some(). Below 2^32 ids.
  void add(ShortId id);

  /// A piece of the sorting; true when there is more. Nothing below may be called before its end.
  bool sort_some();

  /// Ascending, each once.
  std::span<const ShortId> ids() const { return ids_; }
  std::size_t size() const { return ids_.size(); }
  /// Which of the added ones stands at this position.
  std::uint32_t index(std::size_t position) const { return index_[position]; }
  /// Indices of the ids that were added more than once.
  std::span<const std::uint32_t> repeated() const { return repeated_; }

  /// How many ids are below this one.
  std::size_t below(ShortId id) const;
  bool contains(ShortId id) const;
  std::span<const ShortId> in(const IdRange& range) const;

  std::size_t memory_used() const;

 private:
  enum class Step : std::uint8_t { count, permute, sort, unique, done };

  std::size_t bucket(ShortId id) const { return static_cast<std::size_t>(id >> shift_); }
  void begin();
  bool count_some();
  bool permute_some();
  bool sort_buckets();
  void sort_bucket(std::size_t first, std::size_t last);
  bool unique_some();

  std::vector<ShortId> ids_;
  std::vector<std::uint32_t> index_;
  std::vector<std::uint32_t> repeated_;
  std::vector<std::uint32_t> heads_;  // by bucket: where its next id goes
  std::vector<std::uint32_t> ends_;   // by bucket: where it ends
  struct Entry {
    ShortId id;
    std::uint32_t index;
  };
  std::vector<Entry> scratch_;
  unsigned shift_ = kFieldBits;
  Step step_ = Step::count;
  std::size_t at_ = 0;    // where this step goes on
  std::size_t kept_ = 0;  // unique: ids that stay, so far
};

}  // namespace chaski::reconcile
