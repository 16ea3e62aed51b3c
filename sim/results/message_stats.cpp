// SPDX-License-Identifier: Apache-2.0
#include "sim/results/message_stats.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"

namespace chaski::sim {

namespace {

double seconds(base::Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

std::optional<double> average(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> median(std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

MessageStats message_stats(const RunResult& result, const MessagePlan& plan) {
  CHASKI_ASSERT(result.outcomes.size() == plan.size());
  const Totals& totals = result.totals;
  MessageStats stats;
  stats.sim_time_s = seconds(result.end.time_since_epoch());
  stats.created = totals.messages_written;
  stats.started = totals.transfers_begun;
  stats.relayed = totals.transfers_ended;
  stats.aborted = totals.transfers_aborted;
  stats.dropped = totals.copies_dropped + totals.copies_expired;
  stats.removed = totals.copies_removed;
  std::vector<double> latencies;
  std::vector<double> hops;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const Outcome& outcome = result.outcomes[i];
    if (!outcome.delivered) continue;
    latencies.push_back(seconds(*outcome.delivered - plan[i].at));
    hops.push_back(outcome.hops);
  }
  std::vector<double> held;
  for (const base::Duration duration : result.held_for) held.push_back(seconds(duration));
  stats.delivered = latencies.size();
  const auto delivered = static_cast<double>(stats.delivered);
  if (stats.created > 0) stats.delivery_prob = delivered / static_cast<double>(stats.created);
  if (stats.delivered > 0) {
    stats.overhead_ratio = (static_cast<double>(stats.relayed) - delivered) / delivered;
  }
  stats.latency_avg_s = average(latencies);
  stats.latency_med_s = median(latencies);
  stats.hopcount_avg = average(hops);
  stats.hopcount_med = median(hops);
  stats.buffertime_avg_s = average(held);
  stats.buffertime_med_s = median(held);
  return stats;
}

}  // namespace chaski::sim
