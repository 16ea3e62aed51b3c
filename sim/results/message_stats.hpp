// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "sim/results/run_result.hpp"
#include "sim/traffic/message_plan.hpp"

namespace chaski::sim {

/// The figures of The ONE's MessageStatsReport; nothing where it says NaN.
///
/// Medians are its medians: of n values in order the one with the number n / 2, from 0.
struct MessageStats {
  double sim_time_s = 0;
  std::uint64_t created = 0;
  std::uint64_t started = 0;
  std::uint64_t relayed = 0;
  std::uint64_t aborted = 0;
  std::uint64_t dropped = 0;  ///< for want of room or because a lifetime was over
  std::uint64_t removed = 0;
  std::uint64_t delivered = 0;
  double delivery_prob = 0;
  std::optional<double> overhead_ratio;  ///< transfers beside deliveries, per delivery
  std::optional<double> latency_avg_s;
  std::optional<double> latency_med_s;
  std::optional<double> hopcount_avg;
  std::optional<double> hopcount_med;
  std::optional<double> buffertime_avg_s;
  std::optional<double> buffertime_med_s;
};

/// `result` is of a run of `plan`.
MessageStats message_stats(const RunResult& result, const MessagePlan& plan);

}  // namespace chaski::sim
