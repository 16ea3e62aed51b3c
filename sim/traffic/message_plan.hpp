// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// A message that somebody will write: the same for every strategy that is compared.
struct PlannedMessage {
  base::Time at{};
  NodeIndex from = 0;
  NodeIndex to = 0;  ///< never `from`
  std::uint32_t size_bytes = 0;
  base::Duration lifetime = base::Duration::max();  ///< max: for ever
  std::string name;  ///< of an external file; empty: its place in the plan
};

/// Messages in the order of time.
using MessagePlan = std::vector<PlannedMessage>;

}  // namespace chaski::sim
