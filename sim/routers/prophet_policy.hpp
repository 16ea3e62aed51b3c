// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/ideal/predictabilities.hpp"
#include "sim/routers/oracle_policies.hpp"
#include "sim/world/world.hpp"

namespace chaski::sim {

/// The tables of all nodes: on the air neighbours would send them to each other.
struct ProphetTables {
  const Destinations* destinations = nullptr;
  std::vector<Predictabilities> nodes;
};
/// What makes the policy of one node.
struct ProphetNode {
  ProphetTables* tables = nullptr;
  NodeIndex self = 0;
};

/// PRoPHETv2: a copy goes to whoever is likelier to meet the recipient, and one stays (GRTR).
/// `user` points to a ProphetNode, which is copied.
std::unique_ptr<mesh_router::ForwardingPolicy> make_prophet(base::Random& random, void* user);

}  // namespace chaski::sim
