// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/street_paths.hpp"

#include <algorithm>
#include <limits>
#include <queue>

#include "base/assert.hpp"

namespace chaski::sim {

StreetPaths::StreetPaths(std::shared_ptr<const StreetGraph> map)
    : map_(std::move(map)), trees_(map_->corners()) {
  const std::size_t tree_bytes = std::max<std::size_t>(map_->corners(), 1) * sizeof(Corner);
  kept_max_ = std::max<std::size_t>(kBytesMax / tree_bytes, 1);
}

Corner StreetPaths::next(Corner from, Corner goal) {
  CHASKI_ASSERT(from != goal);
  if (trees_[goal].empty()) {
    trees_[goal] = grow(goal);
    if (kept_.size() < kept_max_) {
      kept_.push_back(goal);
    } else {
      Tree().swap(trees_[kept_[oldest_]]);
      kept_[oldest_] = goal;
      oldest_ = (oldest_ + 1) % kept_max_;
    }
  }
  return trees_[goal][from];
}

StreetPaths::Tree StreetPaths::grow(Corner goal) const {
  using Reached = std::pair<double, Corner>;  // how far it is to the goal
  std::priority_queue<Reached, std::vector<Reached>, std::greater<>> open;
  std::vector<double> distances(map_->corners(), std::numeric_limits<double>::infinity());
  Tree tree(map_->corners(), goal);
  distances[goal] = 0;
  open.emplace(0, goal);
  while (!open.empty()) {
    const auto [distance, at] = open.top();
    open.pop();
    if (distance > distances[at]) continue;
    for (const StreetGraph::Street& street : map_->streets_at(at)) {
      const double over_here = distance + street.length_m;
      if (over_here >= distances[street.to]) continue;
      distances[street.to] = over_here;
      tree[street.to] = at;
      open.emplace(over_here, street.to);
    }
  }
  return tree;
}

}  // namespace chaski::sim
