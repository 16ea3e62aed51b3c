// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <vector>

#include "base/random.hpp"
#include "sim/contacts/contact.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

inline base::Time at_s(double s) {
  return base::from_us(std::llround(s * 1e6));
}

/// By time; what happens at one time keeps its order.
template <class Timed>
std::vector<Timed> in_time_order(const std::vector<Timed>& given) {
  std::vector<Timed> sorted;
  for (const Timed& one : given) {
    const auto later = std::upper_bound(sorted.begin(), sorted.end(), one,
                                        [](const Timed& a, const Timed& b) { return a.at < b.at; });
    sorted.insert(later, one);
  }
  return sorted;
}

/// Contacts that a test wrote down.
class ListedContacts final : public ContactSource {
 public:
  ListedContacts(std::uint32_t nodes, double end_s, const std::vector<ContactChange>& changes)
      : nodes_(nodes), end_(at_s(end_s)), changes_(in_time_order(changes)) {}
  std::uint32_t nodes() const override { return nodes_; }
  base::Time end() const override { return end_; }
  std::optional<ContactChange> next() override {
    if (next_ == changes_.size()) return std::nullopt;
    return changes_[next_++];
  }
  const std::vector<ContactChange>& changes() const { return changes_; }
  void rewind() { next_ = 0; }

 private:
  std::uint32_t nodes_;
  base::Time end_;
  std::vector<ContactChange> changes_;
  std::size_t next_ = 0;
};

inline ContactChange up(double s, NodeIndex a, NodeIndex b) { return {at_s(s), a, b, true}; }
inline ContactChange down(double s, NodeIndex a, NodeIndex b) { return {at_s(s), a, b, false}; }

inline PlannedMessage message(double s, NodeIndex from, NodeIndex to, std::uint32_t bytes = 1) {
  return {at_s(s), from, to, bytes, base::Duration::max(), {}};
}

/// What a random world is made of.
struct RandomWorld {
  std::uint32_t nodes = 12;
  double end_s = 2'000;
  double meetings_per_pair_and_s = 1.0 / 800;
  double contact_s = 40;  ///< mean
  std::size_t messages = 40;
  std::uint32_t size_min = 1'000;
  std::uint32_t size_max = 9'000;
  double grid_s = 0;  ///< above 0: times of contacts are multiples of it
};

/// Contacts that last exponentially, of every pair at random.
inline ListedContacts random_contacts_of(const RandomWorld& world, std::uint64_t seed) {
  base::SeededRandom random(seed);
  const auto wait_s = [&](double mean) { return -std::log1p(-random.unit()) * mean; };
  const auto whole = [&](double s) {
    return world.grid_s > 0 ? std::ceil(s / world.grid_s) * world.grid_s : s;
  };
  std::vector<ContactChange> changes;
  for (NodeIndex a = 0; a < world.nodes; ++a) {
    for (NodeIndex b = a + 1; b < world.nodes; ++b) {
      double s = whole(wait_s(1 / world.meetings_per_pair_and_s));
      while (s < world.end_s) {
        changes.push_back(up(s, a, b));
        s = whole(s + wait_s(world.contact_s) + 1e-3);
        if (s > world.end_s) break;
        changes.push_back(down(s, a, b));
        s = whole(s + wait_s(1 / world.meetings_per_pair_and_s) + 1e-3);
      }
    }
  }
  std::sort(changes.begin(), changes.end(), [](const auto& a, const auto& b) {
    return std::tie(a.at, a.up, a.a, a.b) < std::tie(b.at, b.up, b.a, b.b);
  });
  return {world.nodes, world.end_s, changes};
}

inline MessagePlan random_plan_of(const RandomWorld& world, std::uint64_t seed) {
  base::SeededRandom random(seed ^ 0x706C616E);
  MessagePlan plan;
  for (std::size_t i = 0; i < world.messages; ++i) {
    const double s = random.unit() * world.end_s * .7;
    const auto from = static_cast<NodeIndex>(random.below(world.nodes));
    const auto step = static_cast<NodeIndex>(1 + random.below(world.nodes - 1));
    const auto size =
        world.size_min + static_cast<std::uint32_t>(random.below(world.size_max - world.size_min));
    plan.push_back(message(world.grid_s > 0 ? std::round(s) : s, from,
                           (from + step) % world.nodes, size));
  }
  plan = in_time_order(plan);
  for (std::size_t i = 0; i < plan.size(); ++i) plan[i].name = "M" + std::to_string(i + 1);
  return plan;
}

}  // namespace chaski::sim
