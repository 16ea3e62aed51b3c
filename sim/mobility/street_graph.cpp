// SPDX-License-Identifier: Apache-2.0
#include "sim/mobility/street_graph.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {

StreetGraph::StreetGraph(std::vector<Point> corners, std::vector<std::pair<Corner, Corner>> streets)
    : places_(std::move(corners)), first_(places_.size() + 1) {
  CHASKI_ASSERT(places_.size() <= kCornersMax);
  const std::size_t one_way = streets.size();
  for (std::size_t i = 0; i < one_way; ++i) {
    const auto [from, to] = streets[i];
    CHASKI_ASSERT(from < places_.size() && to < places_.size());
    streets.emplace_back(to, from);
  }
  std::sort(streets.begin(), streets.end());
  streets.erase(std::unique(streets.begin(), streets.end()), streets.end());
  std::erase_if(streets, [](const auto& street) { return street.first == street.second; });
  streets_.reserve(streets.size());
  for (const auto& [from, to] : streets) {
    streets_.push_back({to, distance_m(places_[from], places_[to])});
    first_[from + 1] = streets_.size();
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] = std::max(first_[i], first_[i - 1]);
}

Rectangle StreetGraph::extent() const {
  if (places_.empty()) return {};
  Rectangle all{places_[0].x, places_[0].y, 0, 0};
  for (const Point place : places_) all = around(all, place);
  return all;
}

double StreetGraph::length_m() const {
  double both_ways = 0;
  for (const Street& street : streets_) both_ways += street.length_m;
  return both_ways / 2;
}

std::optional<Corner> StreetGraph::unreachable() const {
  if (places_.empty()) return std::nullopt;
  std::vector<bool> reached(places_.size());
  std::vector<Corner> open{0};
  reached[0] = true;
  while (!open.empty()) {
    const Corner at = open.back();
    open.pop_back();
    for (const Street& street : streets_at(at)) {
      if (reached[street.to]) continue;
      reached[street.to] = true;
      open.push_back(street.to);
    }
  }
  const auto found = std::find(reached.begin(), reached.end(), false);
  if (found == reached.end()) return std::nullopt;
  return static_cast<Corner>(found - reached.begin());
}

}  // namespace chaski::sim
