// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/routers/oracle_policies.hpp"
#include "sim/routers/prophet_policy.hpp"
#include "sim/routers/router_world.hpp"

namespace chaski::sim {

/// A forwarding strategy by name: "default", "direct", "epidemic", "prophet", "spray-N" (N copies),
/// "patient-N". Nothing when there is none of that name.
class StrategyChoice {
 public:
  static std::optional<StrategyChoice> named(const std::string& name);
  /// Makes the routers of a world take it; the choice must stay where it is as long as the world.
  /// `typical`: the mean time between two meetings of a pair.
  void apply(RouterWorldConfig& config, base::Duration typical = std::chrono::hours(1));
  /// For strategies that must be told for whom envelopes are.
  void set_world(const RouterWorld& world);

 private:
  mesh_router::PolicyMaker maker_ = nullptr;
  std::uint16_t copies_ = 0;
  Destinations destinations_;
  ProphetTables prophet_;
  ProphetNode prophet_node_;
};

/// Nodes that meet pairwise, by a Poisson process each, and exchange all they want.
struct SparseExperiment {
  std::string strategy = "epidemic";
  std::uint64_t seed = 1;
  std::uint32_t nodes = 100;
  std::uint32_t worlds = 20;               ///< independent histories
  std::uint32_t messages_per_world = 50;   ///< all written at the start
  double meetings_per_pair_and_s = 1e-4;
  bool receipts = false;
  double warm_up = 0;  ///< meetings before anything is written, in units of 1/b
};

struct SparseResult {
  double delay = 0;           ///< mean, in units of 1/b, the mean time between meetings of a pair
  double delay_error = 0;     ///< its standard error, from the means of the worlds
  double copies_median = 0;   ///< carriers when the message was delivered
  double copies_mean = 0;
  double copies_p90 = 0;
  double transmissions_median = 0;  ///< envelope records of a message until it was delivered
  double transmissions_mean = 0;
  double transmissions_in_all = 0;  ///< mean, until the end of the world
  double carriers_in_all = 0;
  double bytes_per_message = 0;     ///< all frames of the world, shared out
  std::uint64_t event_hash = 0;
};
SparseResult run_sparse(const SparseExperiment& experiment);

/// Nodes in a square, each with a standing link to everyone in its range.
struct CrowdExperiment {
  std::string strategy = "epidemic";
  std::uint64_t seed = 1;
  std::uint32_t nodes = 10'000;
  double mean_degree = 20;       ///< far from the border
  std::uint32_t warm_up = 20;    ///< messages before those that are measured
  std::uint32_t messages = 5;    ///< one after another, each from somewhere else
};

/// Means over the messages. Only the largest connected component is looked at.
struct CrowdResult {
  double component = 0;              ///< its nodes
  double degree = 0;                 ///< its mean degree
  double reach = 0;                  ///< share that got the message within kSettled
  double reach_min = 0;
  double transmissions = 0;          ///< envelope records for each node
  double flood_transmissions = 0;    ///< once over each link but the one it came by, for each node
  double latency_median_ms = 0;
  double latency_p99_ms = 0;
  double announced = 0;              ///< ids for each node
  double envelope_bytes = 0;         ///< for each node
  double announce_bytes = 0;         ///< announcements and questions
  double frame_bytes = 0;            ///< everything
  std::vector<double> medians_ms;    ///< of each message: the same sources for every strategy
  std::uint64_t event_hash = 0;
};
/// From one message to the next.
inline constexpr base::Duration kSettled = std::chrono::seconds(8);
CrowdResult run_crowd(const CrowdExperiment& experiment);

/// Links of a random geometric graph: nodes in a unit square, linked within the range that gives
/// this mean degree far from the border; at most 60 links a node.
std::vector<std::pair<NodeIndex, NodeIndex>> geometric_graph(base::Random& random,
                                                             std::uint32_t nodes,
                                                             double mean_degree);
/// The largest connected component, ascending.
std::vector<NodeIndex> largest_component(
    std::uint32_t nodes, const std::vector<std::pair<NodeIndex, NodeIndex>>& links);

}  // namespace chaski::sim
