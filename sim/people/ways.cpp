// SPDX-License-Identifier: Apache-2.0
#include "sim/people/ways.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace chaski::sim {

void Ways::written(std::size_t message, NodeIndex author, const wire::EnvelopeId& id) {
  CHASKI_ASSERT(hops_[message].empty());
  hops_[message].assign(nodes_, kNever);
  hops_[message][author] = kHere;
  messages_.emplace(id, message);
}

void Ways::taken(NodeIndex node, std::optional<NodeIndex> giver, const wire::EnvelopeId& id) {
  const auto found = messages_.find(id);
  if (found == messages_.end()) return;
  std::vector<std::uint8_t>& hops = hops_[found->second];
  if (hops[node] != kNever) return;
  const std::uint8_t before = giver ? hops[*giver] : kNever;
  const bool known = before != kNever && before != kUnknownWay;
  hops[node] =
      known ? static_cast<std::uint8_t>(std::min(before + 1u, kHere + kHopsMax)) : kUnknownWay;
}

std::uint32_t Ways::hops(std::size_t message, NodeIndex node) const {
  const std::vector<std::uint8_t>& hops = hops_[message];
  if (hops.empty() || hops[node] == kNever || hops[node] == kUnknownWay) return 0;
  return hops[node] - kHere;
}

std::uint32_t Ways::carriers(std::size_t message, NodeIndex reader) const {
  const std::vector<std::uint8_t>& hops = hops_[message];
  if (hops.empty()) return 1;
  const auto never = std::count(hops.begin(), hops.end(), kNever);
  const auto ever = static_cast<std::uint32_t>(hops.size() - static_cast<std::size_t>(never));
  return ever - (hops[reader] != kNever ? 1 : 0);
}

}  // namespace chaski::sim
