// SPDX-License-Identifier: Apache-2.0
// Afraid of: an oracle that is fast and wrong where people really met.
#include <gtest/gtest.h>

#include <array>

#include "base/random.hpp"
#include "sim/contacts/oracle.hpp"
#include "sim/contacts/position_npy.hpp"
#include "sim/contacts/sociopatterns.hpp"
#include "sim/contacts/trace_statistics.hpp"
#include "tools/files/whole_file.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<base::Duration, 3> kWithin{1h, 6h, 24h};

std::string content_of(const std::string& name) {
  const std::string path = std::string(CHASKI_SOURCE_DIR) + "/scenarios/traces/" + name;
  const auto content = tools::read_whole_file(path, 16u << 20);
  EXPECT_TRUE(content) << content.error().message;
  return content.value_or("");
}

ContactTrace shipped(const std::string& name) {
  auto trace = parse_sociopatterns(content_of(name), name);
  EXPECT_TRUE(trace) << trace.error().message();
  EXPECT_TRUE(is_well_formed(*trace));
  return *std::move(trace);
}

/// Uniform source, destination and time, the last from the begin until an hour before the end:
/// every message has at least the first of the three times to arrive.
MessagePlan uniform_plan(const ContactTrace& trace, std::uint32_t messages) {
  base::SeededRandom random(6);
  const std::uint64_t span = static_cast<std::uint64_t>((trace.end - base::Time{} - 1h).count());
  MessagePlan plan(messages);
  for (std::uint32_t i = 0; i < messages; ++i) {
    // One in each of equal slices of time: less chance in the result, the same mean.
    const std::uint64_t begin = span / messages * i;
    plan[i].at = base::from_us(static_cast<std::int64_t>(begin + random.below(span / messages)));
    plan[i].from = static_cast<NodeIndex>(random.below(trace.nodes));
    plan[i].to =
        static_cast<NodeIndex>((plan[i].from + 1 + random.below(trace.nodes - 1)) % trace.nodes);
  }
  return plan;
}

std::array<double, 3> delivered(const ContactTrace& trace) {
  const MessagePlan plan = uniform_plan(trace, 200'000);
  TraceSource source(trace);
  const RunResult result = run_oracle(source, plan, {.hops = false});
  std::array<double, 3> delivered{};
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const auto& arrival = result.outcomes[i].delivered;
    for (std::size_t k = 0; k < kWithin.size(); ++k) {
      if (arrival && *arrival - plan[i].at <= kWithin[k]) {
        delivered[k] += 1. / static_cast<double>(plan.size());
      }
    }
  }
  return delivered;
}

TEST(RealTraces, TheConference) {
  const ContactTrace trace = shipped("SFHH_tij.dat.gz");
  const TraceStatistics statistics = statistics_of(trace);
  EXPECT_EQ(trace.nodes, 403u);
  EXPECT_EQ(statistics.contacts, 26'040u);
  EXPECT_EQ(statistics.pairs, 9'565u);
  EXPECT_EQ(statistics.median, 20s);
  EXPECT_EQ(trace.origin, 32'500s);
  EXPECT_EQ(trace.end, base::Time{114'320s});
  // What an independent computation gave, from fewer messages: its error is about .01.
  const auto part = delivered(trace);
  EXPECT_NEAR(part[0], .093, .01);
  EXPECT_NEAR(part[1], .394, .01);
  EXPECT_NEAR(part[2], .748, .01);
  // What a million messages gave here.
  EXPECT_NEAR(part[0], .0923, .003);
  EXPECT_NEAR(part[1], .4023, .003);
  EXPECT_NEAR(part[2], .7516, .003);
}

TEST(RealTraces, TheOffice) {
  const ContactTrace trace = shipped("workplace_InVS15_tij.dat.gz");
  const TraceStatistics statistics = statistics_of(trace);
  EXPECT_EQ(trace.nodes, 217u);
  EXPECT_EQ(statistics.contacts, 33'751u);
  EXPECT_EQ(statistics.pairs, 4'274u);
  EXPECT_EQ(statistics.median, 20s);
  const auto part = delivered(trace);
  EXPECT_NEAR(part[0], .008, .01);
  EXPECT_NEAR(part[1], .087, .01);
  // Further off than its error: .371 even if all creation times of the trace count.
  EXPECT_NEAR(part[2], .356, .02);
  EXPECT_NEAR(part[0], .0073, .003);
  EXPECT_NEAR(part[1], .0862, .003);
  EXPECT_NEAR(part[2], .3723, .003);
}

TEST(RealTraces, TheMarchAndTheGathering) {
  for (const char* name : {"protest_march_node50_0.npy.gz", "protest_gather_node50_0.npy.gz"}) {
    const std::string content = content_of(name);
    const auto trace = parse_position_npy(
        {reinterpret_cast<const std::uint8_t*>(content.data()), content.size()}, name);
    ASSERT_TRUE(trace) << trace.error().message();
    EXPECT_EQ(trace->nodes, 50u);
    EXPECT_EQ(trace->samples(), 1'835u);
    EXPECT_EQ(trace->at(0, 2), (Position{1.75, 0})) << "they begin in a row";
  }
}

}  // namespace
}  // namespace chaski::sim
