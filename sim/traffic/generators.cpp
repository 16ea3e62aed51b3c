// SPDX-License-Identifier: Apache-2.0
#include "sim/traffic/generators.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

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

/// Homes by square cells, about one in each.
class HomeGrid {
 public:
  explicit HomeGrid(const std::vector<Home>& homes) : homes_(homes) {
    double x_max = homes.front().x;
    double y_max = homes.front().y;
    x_min_ = x_max;
    y_min_ = y_max;
    for (const Home& home : homes) {
      x_min_ = std::min(x_min_, home.x);
      y_min_ = std::min(y_min_, home.y);
      x_max = std::max(x_max, home.x);
      y_max = std::max(y_max, home.y);
    }
    const double side = std::max({x_max - x_min_, y_max - y_min_, 1e-3});
    across_ = static_cast<std::int64_t>(std::ceil(std::sqrt(static_cast<double>(homes.size()))));
    cell_m_ = side / static_cast<double>(across_) * (1 + 1e-9);
    cells_.resize(static_cast<std::size_t>(across_ * across_));
    for (NodeIndex node = 0; node < homes.size(); ++node) {
      cells_[place(column(homes[node]), row(homes[node]))].push_back(node);
    }
  }

  /// The `contacts` nearest others, the nearest first, ties by number.
  std::vector<NodeIndex> nearest(NodeIndex node, std::uint32_t contacts) const {
    if (contacts == 0) return {};
    std::vector<std::pair<double, NodeIndex>> others;
    // Rings of cells around its own: what is not looked at yet is a ring's width further away.
    for (std::int64_t ring = 0; ring <= across_; ++ring) {
      gather(node, ring, others);
      if (others.size() < contacts) continue;
      std::nth_element(others.begin(), others.begin() + contacts - 1, others.end());
      const double seen_m = static_cast<double>(ring) * cell_m_;
      if (others[contacts - 1].first < seen_m * seen_m) break;
    }
    std::partial_sort(others.begin(), others.begin() + contacts, others.end());
    std::vector<NodeIndex> nearest;
    for (std::uint32_t i = 0; i < contacts; ++i) nearest.push_back(others[i].second);
    return nearest;
  }

 private:
  std::int64_t column(const Home& home) const {
    return static_cast<std::int64_t>((home.x - x_min_) / cell_m_);
  }
  std::int64_t row(const Home& home) const {
    return static_cast<std::int64_t>((home.y - y_min_) / cell_m_);
  }
  std::size_t place(std::int64_t column, std::int64_t row) const {
    return static_cast<std::size_t>(row * across_ + column);
  }
  void gather(NodeIndex node, std::int64_t ring,
              std::vector<std::pair<double, NodeIndex>>& others) const {
    const Home& home = homes_[node];
    for (std::int64_t y = -ring; y <= ring; ++y) {
      // Whole rows at the top and the bottom, else both ends.
      const std::int64_t step = std::abs(y) == ring ? 1 : std::max<std::int64_t>(1, 2 * ring);
      for (std::int64_t x = -ring; x <= ring; x += step) {
        const std::int64_t at_x = column(home) + x;
        const std::int64_t at_y = row(home) + y;
        if (at_x < 0 || at_y < 0 || at_x >= across_ || at_y >= across_) continue;
        for (const NodeIndex other : cells_[place(at_x, at_y)]) {
          const double dx = homes_[other].x - home.x;
          const double dy = homes_[other].y - home.y;
          if (other != node) others.emplace_back(dx * dx + dy * dy, other);
        }
      }
    }
  }

  const std::vector<Home>& homes_;
  double x_min_ = 0;
  double y_min_ = 0;
  double cell_m_ = 1;
  std::int64_t across_ = 1;
  std::vector<std::vector<NodeIndex>> cells_;
};

}  // namespace

std::vector<NodeIndex> some_of(base::Random& random, std::uint32_t nodes, std::uint32_t number) {
  CHASKI_ASSERT(number <= nodes);
  // Floyd's sampling, as below.
  std::vector<NodeIndex> picked;
  for (std::uint32_t last = nodes - number; last < nodes; ++last) {
    const auto pick = static_cast<NodeIndex>(random.below(std::uint64_t{last} + 1));
    const bool taken = std::find(picked.begin(), picked.end(), pick) != picked.end();
    picked.push_back(taken ? last : pick);
  }
  std::sort(picked.begin(), picked.end());
  return picked;
}

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
  const HomeGrid grid(homes);
  SocialGraph graph(homes.size());
  for (NodeIndex node = 0; node < homes.size(); ++node) {
    graph[node] = grid.nearest(node, contacts);
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
  std::uint32_t groups = 0;
  const std::vector<NodeIndex> authors = with_contacts(graph);
  if (authors.empty()) return plan;
  play(random, rhythm, [&](PlannedMessage message) {
    message.from = authors[random.below(authors.size())];
    message.group = groups++;
    for (const NodeIndex member : graph[message.from]) {
      message.to = member;
      plan.push_back(message);
    }
  });
  return plan;
}

MessagePlan broadcasts(base::Random& random, const Rhythm& rhythm, std::uint32_t nodes,
                       const std::vector<NodeIndex>& authors) {
  CHASKI_ASSERT(nodes >= 2);
  MessagePlan plan;
  std::uint32_t groups = 0;
  play(random, rhythm, [&](PlannedMessage message) {
    message.from =
        authors.empty() ? anyone(random, nodes) : authors[random.below(authors.size())];
    message.group = groups++;
    for (NodeIndex other = 0; other < nodes; ++other) {
      if (other == message.from) continue;
      message.to = other;
      plan.push_back(message);
    }
  });
  return plan;
}

}  // namespace chaski::sim
