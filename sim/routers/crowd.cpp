// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/assert.hpp"
#include "sim/routers/regimes.hpp"

namespace chaski::sim {

namespace {

constexpr std::size_t kLinksMax = 60;
using Links = std::vector<std::pair<NodeIndex, NodeIndex>>;

/// Nodes by the square of side `range` that they stand in.
class Grid {
 public:
  Grid(base::Random& random, std::uint32_t nodes, double range)
      : range_(range), side_(static_cast<std::size_t>(std::max(1.0, 1 / range))),
        cells_(side_ * side_) {
    for (NodeIndex node = 0; node < nodes; ++node) {
      places_.push_back({random.unit(), random.unit()});
      cells_[cell(places_[node].x) * side_ + cell(places_[node].y)].push_back(node);
    }
  }
  /// Nodes in range with a smaller number.
  std::vector<NodeIndex> before(NodeIndex node) const {
    std::vector<NodeIndex> found;
    const std::size_t x = cell(places_[node].x);
    const std::size_t y = cell(places_[node].y);
    for (std::size_t i = x > 0 ? x - 1 : 0; i <= std::min(x + 1, side_ - 1); ++i) {
      for (std::size_t j = y > 0 ? y - 1 : 0; j <= std::min(y + 1, side_ - 1); ++j) {
        for (const NodeIndex other : cells_[i * side_ + j]) {
          if (other < node && near(node, other)) found.push_back(other);
        }
      }
    }
    return found;
  }

 private:
  struct Place {
    double x = 0;
    double y = 0;
  };
  std::size_t cell(double at) const {
    return std::min(side_ - 1, static_cast<std::size_t>(at * static_cast<double>(side_)));
  }
  bool near(NodeIndex a, NodeIndex b) const {
    return std::hypot(places_[a].x - places_[b].x, places_[a].y - places_[b].y) < range_;
  }
  double range_;
  std::size_t side_;
  std::vector<Place> places_;
  std::vector<std::vector<NodeIndex>> cells_;
};

double milliseconds(base::Duration duration) {
  return static_cast<double>(duration.count()) / 1e3;
}

/// When each node of the component saw the message, ascending; those that did not are left out.
std::vector<double> latencies_ms(const WorldMessage& message,
                                 const std::vector<NodeIndex>& component) {
  std::vector<double> latencies;
  for (const NodeIndex node : component) {
    if (message.first_seen[node] == base::Time::max()) continue;
    latencies.push_back(milliseconds(message.first_seen[node] - message.sent));
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

void add_message(CrowdResult& result, const WorldMessage& message,
                 const std::vector<NodeIndex>& component) {
  const auto nodes = static_cast<double>(component.size());
  const std::vector<double> latencies = latencies_ms(message, component);
  const double reach = static_cast<double>(latencies.size()) / nodes;
  result.reach += reach;
  result.reach_min = std::min(result.reach_min, reach);
  result.transmissions += message.transmissions / nodes;
  result.medians_ms.push_back(latencies[latencies.size() / 2]);
  result.latency_median_ms += latencies[latencies.size() / 2];
  result.latency_p99_ms += latencies[latencies.size() * 99 / 100];
}

void take_means(CrowdResult& result, const WorldTraffic& traffic, double messages) {
  const double shares = messages * result.component;
  for (double* sum : {&result.reach, &result.transmissions, &result.latency_median_ms,
                      &result.latency_p99_ms}) {
    *sum /= messages;
  }
  const auto bytes_of = [&](wire::RecordType type) {
    return static_cast<double>(traffic.bytes_of(type)) / shares;
  };
  result.announce_bytes =
      bytes_of(wire::RecordType::announce) + bytes_of(wire::RecordType::want);
  result.announced = bytes_of(wire::RecordType::announce) / wire::EnvelopeId::kSize;
  result.envelope_bytes =
      bytes_of(wire::RecordType::envelope) + bytes_of(wire::RecordType::fragment);
  result.frame_bytes = static_cast<double>(traffic.frame_bytes) / shares;
}

}  // namespace

Links geometric_graph(base::Random& random, std::uint32_t nodes, double mean_degree) {
  const Grid grid(random, nodes, std::sqrt(mean_degree / (std::numbers::pi * nodes)));
  Links links;
  std::vector<std::size_t> degrees(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    for (const NodeIndex other : grid.before(node)) {
      if (degrees[node] >= kLinksMax || degrees[other] >= kLinksMax) continue;
      links.emplace_back(other, node);
      ++degrees[node];
      ++degrees[other];
    }
  }
  return links;
}

std::vector<NodeIndex> largest_component(std::uint32_t nodes, const Links& links) {
  std::vector<std::vector<NodeIndex>> neighbours(nodes);
  for (const auto& [a, b] : links) {
    neighbours[a].push_back(b);
    neighbours[b].push_back(a);
  }
  std::vector<bool> reached(nodes);
  std::vector<NodeIndex> largest;
  for (NodeIndex start = 0; start < nodes; ++start) {
    if (reached[start]) continue;
    std::vector<NodeIndex> component{start};
    reached[start] = true;
    for (std::size_t at = 0; at < component.size(); ++at) {
      for (const NodeIndex next : neighbours[component[at]]) {
        if (!reached[next]) component.push_back(next);
        reached[next] = true;
      }
    }
    if (component.size() > largest.size()) largest = std::move(component);
  }
  std::sort(largest.begin(), largest.end());
  return largest;
}

CrowdResult run_crowd(const CrowdExperiment& experiment) {
  auto strategy = StrategyChoice::named(experiment.strategy);
  CHASKI_ASSERT(strategy.has_value());
  RouterWorldConfig config;
  config.seed = experiment.seed;
  config.store_bytes_max = 1u << 20;
  strategy->apply(config);
  RouterWorld world(config);
  strategy->set_world(world);
  // Where people stand and who writes is the same for every strategy.
  base::SeededRandom scene(experiment.seed * 7'919);
  const Links links = geometric_graph(scene, experiment.nodes, experiment.mean_degree);
  const auto component = largest_component(experiment.nodes, links);
  const auto anyone = [&] { return component[scene.below(component.size())]; };
  std::vector<NodeIndex> sources;
  for (std::uint32_t i = 0; i < experiment.messages; ++i) sources.push_back(anyone());
  for (std::uint32_t i = 0; i < experiment.warm_up; ++i) sources.insert(sources.begin(), anyone());
  for (std::uint32_t i = 0; i < experiment.nodes; ++i) world.add_node();
  for (const auto& [a, b] : links) world.link(a, b);
  world.run_for(std::chrono::seconds(60));

  CrowdResult result;
  result.component = static_cast<double>(component.size());
  result.reach_min = 1;
  for (const NodeIndex node : component) result.degree += static_cast<double>(world.degree(node));
  result.flood_transmissions = (result.degree - result.component + 1) / result.component;
  result.degree /= result.component;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (i == experiment.warm_up) world.reset_traffic();
    // For somebody who is not there: a receipt would be a second flood.
    const std::size_t place =
        world.send(sources[i], static_cast<NodeIndex>(world.size()), {.watch_all = true});
    world.run_for(kSettled);
    if (i >= experiment.warm_up) add_message(result, world.messages()[place], component);
    world.forget_watch(place);
  }
  take_means(result, world.traffic(), experiment.messages);
  result.event_hash = world.event_hash();
  return result;
}

}  // namespace chaski::sim
