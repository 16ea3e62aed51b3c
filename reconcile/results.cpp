// SPDX-License-Identifier: Apache-2.0
#include "reconcile/results.hpp"

namespace chaski::reconcile {

Difference by_owner(const ShortIdSet& set, std::span<const ShortId> ids) {
  Difference difference;
  for (const ShortId id : ids) {
    (set.contains(id) ? difference.ours : difference.theirs).push_back(id);
  }
  return difference;
}

bool all_in(const IdRange& range, std::span<const ShortId> ids) {
  return ids.empty() || (ids.front() >= range.low && ids.back() < range.high);
}

void record(const ShortIdSet& set, const Difference& difference, Results& results) {
  for (const ShortId id : difference.ours) results.they_lack(set.index(set.below(id)));
  results.counts.we_lack += static_cast<std::uint32_t>(difference.theirs.size());
}

Ranks ranks_of(const ShortIdSet& set, const IdRange& range, const Difference& difference) {
  Ranks found;
  const std::size_t first = set.below(range.low);
  std::size_t ours_below = 0;
  for (const ShortId id : difference.theirs) {
    while (ours_below < difference.ours.size() && difference.ours[ours_below] < id) ++ours_below;
    found.ranks.push_back(set.below(id) - first - ours_below + found.ranks.size());
  }
  found.among = set.in(range).size() - difference.ours.size() + difference.theirs.size();
  return found;
}

}  // namespace chaski::reconcile
