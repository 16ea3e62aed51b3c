// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "reconcile/exchange.hpp"
#include "reconcile/short_id_set.hpp"

namespace chaski::reconcile {

/// What has been found out so far.
struct Results {
  std::vector<std::uint32_t> missing;  ///< indices of ours that they lack
  ExchangeCounts counts;

  void they_lack(std::uint32_t index) {
    missing.push_back(index);
    counts.they_lack = static_cast<std::uint32_t>(missing.size());
  }
};

/// A symmetric difference by owner, each ascending.
struct Difference {
  std::vector<ShortId> ours;
  std::vector<ShortId> theirs;

  std::size_t size() const { return ours.size() + theirs.size(); }
};

/// Tells which ids of an ascending difference are ours.
Difference by_owner(const ShortIdSet& set, std::span<const ShortId> ids);

/// Whether ascending ids lie in this range, as those of an honest neighbour do.
bool all_in(const IdRange& range, std::span<const ShortId> ids);

/// Counts a difference among the results.
void record(const ShortIdSet& set, const Difference& difference, Results& results);

/// Positions of difference.theirs among all ids that they have in this range, and how many these
/// are: what we name their ids by.
struct Ranks {
  std::vector<std::uint64_t> ranks;
  std::size_t among = 0;
};
Ranks ranks_of(const ShortIdSet& set, const IdRange& range, const Difference& difference);

}  // namespace chaski::reconcile
