// SPDX-License-Identifier: Apache-2.0
#include "sim/contacts/trace_statistics.hpp"

#include <algorithm>
#include <vector>

namespace chaski::sim {

TraceStatistics statistics_of(const ContactTrace& trace) {
  TraceStatistics statistics;
  std::vector<base::Duration> durations;
  std::vector<std::uint64_t> pairs;
  std::vector<bool> met(trace.nodes);
  for (const Contact& contact : contacts_of(trace)) {
    durations.push_back(std::min(contact.end, trace.end) - contact.begin);
    statistics.total += durations.back();
    pairs.push_back(std::uint64_t{contact.a} << 32 | contact.b);
    met[contact.a] = met[contact.b] = true;
  }
  std::sort(pairs.begin(), pairs.end());
  statistics.contacts = durations.size();
  statistics.pairs =
      static_cast<std::uint64_t>(std::unique(pairs.begin(), pairs.end()) - pairs.begin());
  statistics.nodes_met = static_cast<std::uint32_t>(std::count(met.begin(), met.end(), true));
  if (durations.empty()) return statistics;
  std::sort(durations.begin(), durations.end());
  statistics.median = durations[(durations.size() - 1) / 2];
  statistics.longest = durations.back();
  return statistics;
}

}  // namespace chaski::sim
