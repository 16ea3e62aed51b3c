// SPDX-License-Identifier: Apache-2.0
#include "sim/traffic/generators.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

base::Duration interval(base::Random& random, const Rhythm& rhythm) {
  const auto width = rhythm.interval_max.count() - rhythm.interval_min.count();
  const auto more = random.below(static_cast<std::uint64_t>(width) + 1);
  return rhythm.interval_min + base::Duration(static_cast<base::Duration::rep>(more));
}

PlannedMessage event(base::Random& random, const Rhythm& rhythm, base::Time at) {
  PlannedMessage message;
  message.at = at;
  message.lifetime = rhythm.lifetime;
  const std::uint64_t width = rhythm.size_max_bytes - rhythm.size_min_bytes;
  message.size_bytes = rhythm.size_min_bytes + static_cast<std::uint32_t>(random.below(width + 1));
  return message;
}

/// Calls write(event) for each event of the rhythm; it fills in who writes to whom.
template <class Write>
void play(base::Random& random, const Rhythm& rhythm, Write write) {
  CHASKI_ASSERT(rhythm.interval_min > base::Duration::zero());
  CHASKI_ASSERT(rhythm.interval_min <= rhythm.interval_max);
  CHASKI_ASSERT(rhythm.size_min_bytes <= rhythm.size_max_bytes);
  base::Time at = rhythm.from + interval(random, rhythm);
  while (at <= rhythm.until) {
    write(event(random, rhythm, at));
    at += interval(random, rhythm);
  }
}

NodeIndex anyone(base::Random& random, std::uint32_t nodes) {
  return static_cast<NodeIndex>(random.below(nodes));
}

NodeIndex anyone_but(base::Random& random, std::uint32_t nodes, NodeIndex one) {
  const auto other = static_cast<NodeIndex>(random.below(nodes - 1));
  return other + (other >= one ? 1 : 0);
}

std::vector<NodeIndex> with_contacts(const SocialGraph& graph) {
  std::vector<NodeIndex> nodes;
  for (NodeIndex node = 0; node < graph.size(); ++node) {
    if (!graph[node].empty()) nodes.push_back(node);
  }
  return nodes;
}

}  // namespace

SocialGraph random_contacts(base::Random& random, std::uint32_t nodes, std::uint32_t contacts) {
  CHASKI_ASSERT(contacts < nodes);
  SocialGraph graph(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    std::vector<NodeIndex>& mine = graph[node];
    // Floyd's sampling of `contacts` out of the nodes - 1 others.
    for (std::uint32_t last = nodes - 1 - contacts; last < nodes - 1; ++last) {
      const auto pick = static_cast<NodeIndex>(random.below(std::uint64_t{last} + 1));
      const bool taken = std::find(mine.begin(), mine.end(), pick) != mine.end();
      mine.push_back(taken ? last : pick);
    }
    for (NodeIndex& other : mine) other += other >= node ? 1 : 0;
    std::sort(mine.begin(), mine.end());
  }
  return graph;
}

SocialGraph nearest_contacts(const std::vector<Home>& homes, std::uint32_t contacts) {
  CHASKI_ASSERT(contacts < homes.size());
  SocialGraph graph(homes.size());
  std::vector<std::pair<double, NodeIndex>> others;
  for (NodeIndex node = 0; node < homes.size(); ++node) {
    others.clear();
    for (NodeIndex other = 0; other < homes.size(); ++other) {
      const double dx = homes[other].x - homes[node].x;
      const double dy = homes[other].y - homes[node].y;
      if (other != node) others.emplace_back(dx * dx + dy * dy, other);
    }
    std::partial_sort(others.begin(), others.begin() + contacts, others.end());
    for (std::uint32_t i = 0; i < contacts; ++i) graph[node].push_back(others[i].second);
    std::sort(graph[node].begin(), graph[node].end());
  }
  return graph;
}

MessagePlan one_to_one(base::Random& random, const Rhythm& rhythm, std::uint32_t nodes) {
  CHASKI_ASSERT(nodes >= 2);
  MessagePlan plan;
  play(random, rhythm, [&](PlannedMessage message) {
    message.from = anyone(random, nodes);
    message.to = anyone_but(random, nodes, message.from);
    plan.push_back(std::move(message));
  });
  return plan;
}

MessagePlan among_contacts(base::Random& random, const Rhythm& rhythm, const SocialGraph& graph) {
  MessagePlan plan;
  const std::vector<NodeIndex> authors = with_contacts(graph);
  if (authors.empty()) return plan;
  play(random, rhythm, [&](PlannedMessage message) {
    message.from = authors[random.below(authors.size())];
    const std::vector<NodeIndex>& contacts = graph[message.from];
    message.to = contacts[random.below(contacts.size())];
    plan.push_back(std::move(message));
  });
  return plan;
}

MessagePlan to_groups(base::Random& random, const Rhythm& rhythm, const SocialGraph& graph) {
  MessagePlan plan;
  const std::vector<NodeIndex> authors = with_contacts(graph);
  if (authors.empty()) return plan;
  play(random, rhythm, [&](PlannedMessage message) {
    message.from = authors[random.below(authors.size())];
    for (const NodeIndex member : graph[message.from]) {
      message.to = member;
      plan.push_back(message);
    }
  });
  return plan;
}

MessagePlan broadcasts(base::Random& random, const Rhythm& rhythm, std::uint32_t nodes) {
  CHASKI_ASSERT(nodes >= 2);
  MessagePlan plan;
  play(random, rhythm, [&](PlannedMessage message) {
    message.from = anyone(random, nodes);
    for (NodeIndex other = 0; other < nodes; ++other) {
      if (other == message.from) continue;
      message.to = other;
      plan.push_back(message);
    }
  });
  return plan;
}

}  // namespace chaski::sim
