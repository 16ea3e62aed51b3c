// SPDX-License-Identifier: Apache-2.0
// Afraid of: a figure that has the name of The ONE's and is another.
#include "sim/results/message_stats.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

PlannedMessage written(base::Duration at) {
  return {base::Time{} + at, 0, 1, 1, base::Duration::max(), {}};
}

TEST(MessageStats, AreCountedAsTheOneCounts) {
  const MessagePlan plan = {written(0s), written(10s), written(20s), written(30s), written(99s)};
  RunResult result;
  result.end = base::Time{} + 90s;
  result.outcomes.resize(5);
  result.outcomes[0].delivered = base::Time{} + 40s;
  result.outcomes[0].hops = 1;
  result.outcomes[2].delivered = base::Time{} + 25s;
  result.outcomes[2].hops = 3;
  result.totals.messages_written = 4;
  result.totals.transfers_begun = 9;
  result.totals.transfers_ended = 7;
  result.totals.transfers_aborted = 1;
  result.totals.copies_dropped = 2;
  result.totals.copies_expired = 3;
  result.totals.copies_removed = 1;
  result.held_for = {6s, 1s, 2s, 3s, 10s, 2s};
  const MessageStats stats = message_stats(result, plan);
  EXPECT_EQ(stats.sim_time_s, 90);
  EXPECT_EQ(stats.created, 4u);
  EXPECT_EQ(stats.started, 9u);
  EXPECT_EQ(stats.relayed, 7u);
  EXPECT_EQ(stats.aborted, 1u);
  EXPECT_EQ(stats.dropped, 5u);
  EXPECT_EQ(stats.removed, 1u);
  EXPECT_EQ(stats.delivered, 2u);
  EXPECT_EQ(stats.delivery_prob, .5);
  EXPECT_EQ(stats.overhead_ratio, 2.5);
  EXPECT_EQ(stats.latency_avg_s, 22.5);
  EXPECT_EQ(stats.latency_med_s, 40);  // of two the second
  EXPECT_EQ(stats.hopcount_avg, 2);
  EXPECT_EQ(stats.hopcount_med, 3);
  EXPECT_EQ(stats.buffertime_avg_s, 4);
  EXPECT_EQ(stats.buffertime_med_s, 3);
}

TEST(MessageStats, NothingIsNotZero) {
  RunResult result;
  const MessageStats stats = message_stats(result, {});
  EXPECT_EQ(stats.delivery_prob, 0);
  EXPECT_FALSE(stats.overhead_ratio);
  EXPECT_FALSE(stats.latency_avg_s);
  EXPECT_FALSE(stats.hopcount_med);
  EXPECT_FALSE(stats.buffertime_med_s);
}

}  // namespace
}  // namespace chaski::sim
