// SPDX-License-Identifier: Apache-2.0
#include "sim/people/acquaintance.hpp"

#include <set>
#include <vector>

#include "node/prekey_desk.hpp"
#include "wire/limits.hpp"

namespace chaski::sim {
namespace {

using Pair = std::pair<NodeIndex, NodeIndex>;

/// Everybody is in at most one pair of a round: the first round in which both are free.
std::vector<std::vector<Pair>> rounds_of(std::span<const Pair> pairs) {
  std::vector<std::vector<Pair>> rounds;
  std::vector<std::set<NodeIndex>> busy;
  for (const Pair& pair : pairs) {
    std::size_t round = 0;
    while (round < rounds.size() &&
           (busy[round].contains(pair.first) || busy[round].contains(pair.second))) {
      ++round;
    }
    if (round == rounds.size()) {
      rounds.emplace_back();
      busy.emplace_back();
    }
    rounds[round].push_back(pair);
    busy[round].insert({pair.first, pair.second});
  }
  return rounds;
}

}  // namespace

void acquaint_long_ago(World& world, std::span<const Pair> pairs) {
  constexpr base::Duration kListsAreOut = node::PrekeyDesk::kDelayMax + std::chrono::minutes(1);
  constexpr base::Duration kMeeting = std::chrono::seconds(20);
  // Both what was carried and the receipts of it have run out by then.
  constexpr base::Duration kLongAgo = 2 * std::chrono::seconds(wire::kLifetimeMax_s);
  for (const std::vector<Pair>& round : rounds_of(pairs)) {
    for (const auto& [a, b] : round) world.introduce(a, b);
    world.run_for(kListsAreOut);
    for (const auto& [a, b] : round) world.connect(a, b);
    world.run_for(kMeeting);
    for (const auto& [a, b] : round) world.disconnect(a, b);
  }
  world.run_for(kLongAgo);
  world.begin_anew();
}

}  // namespace chaski::sim
