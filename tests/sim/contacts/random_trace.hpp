// SPDX-License-Identifier: Apache-2.0
// Small traces by chance, with contacts that touch, last beyond the end and begin together.
#pragma once

#include "base/random.hpp"
#include "sim/contacts/contact_trace.hpp"

namespace chaski::sim {

/// Times are whole multiples of `step` up to `steps` of them; some 3 contacts a node.
inline ContactTrace random_trace(base::Random& random, std::uint32_t nodes, std::uint32_t steps,
                                 base::Duration step = std::chrono::seconds(1)) {
  std::vector<Contact> contacts;
  for (std::uint32_t i = 0; i < 3 * nodes; ++i) {
    const auto x = static_cast<NodeIndex>(random.below(nodes));
    const auto y = static_cast<NodeIndex>(random.below(nodes));
    if (x == y) continue;
    const auto begin = static_cast<std::int64_t>(random.below(steps));
    const auto lasts = static_cast<std::int64_t>(random.below(1 + steps / 3));
    contacts.push_back({base::Time{begin * step}, base::Time{(begin + lasts) * step},
                        std::min(x, y), std::max(x, y)});
  }
  ContactTrace trace = trace_of(merged(std::move(contacts)), nodes,
                                base::Time{static_cast<std::int64_t>(steps) * step});
  return trace;
}

}  // namespace chaski::sim
