// SPDX-License-Identifier: Apache-2.0
#include "sim/results/trail.hpp"

#include <algorithm>

namespace chaski::sim {

const char* to_string(CopyEnd end) {
  switch (end) {
    case CopyEnd::held:
      return "held";
    case CopyEnd::read:
      return "read";
    case CopyEnd::delivered:
      return "delivered";
    case CopyEnd::expired:
      return "expired";
    case CopyEnd::displaced:
      return "displaced";
    case CopyEnd::crashed:
      return "crashed";
  }
  return "?";
}

std::vector<std::size_t> way_of(const Trail& trail, std::size_t copy) {
  std::vector<std::size_t> way;
  for (std::optional<std::size_t> at = copy; at; at = trail.copies[*at].from) way.push_back(*at);
  std::reverse(way.begin(), way.end());
  return way;
}

}  // namespace chaski::sim
