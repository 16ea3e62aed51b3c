// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/oracle_policies.hpp"
#include "sim/router_world.hpp"

namespace chaski::sim {

/// A forwarding strategy by name: "direct", "epidemic", "spray-N" (N copies).
/// Nothing when there is none of that name.
class StrategyChoice {
 public:
  static std::optional<StrategyChoice> named(const std::string& name);
  /// Makes the routers of a world take it; the choice must outlive the world.
  void apply(RouterWorldConfig& config);
  /// For strategies that must be told for whom envelopes are.
  void set_world(const RouterWorld& world);

 private:
  mesh_router::PolicyMaker maker_ = nullptr;
  std::uint16_t copies_ = 0;
  Destinations destinations_;
};

/// Nodes that meet pairwise, by a Poisson process each, and exchange all they want.
struct SparseExperiment {
  std::string strategy = "epidemic";
  std::uint64_t seed = 1;
  std::uint32_t nodes = 100;
  std::uint32_t worlds = 20;               ///< independent histories
  std::uint32_t messages_per_world = 50;   ///< all written at the start
  double meetings_per_pair_and_s = 1e-3;
  bool receipts = false;  ///< with them, the world runs on until nothing is carried any more
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

}  // namespace chaski::sim
