// SPDX-License-Identifier: Apache-2.0
// Messages to several in figures. Afraid of: a group that nobody wrote to and that counts, half of
// an odd number, a member to whom its author could not write and who is forgotten.
#include "sim/results/group_figures.hpp"

#include <gtest/gtest.h>

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::Time at(base::Duration since) {
  return base::Time{} + since;
}

/// One message, of group `group`.
PlannedMessage to_member(std::uint32_t group, base::Duration when) {
  PlannedMessage message;
  message.at = at(when);
  message.group = group;
  return message;
}

struct GroupRun {
  MessagePlan plan;
  RunResult run;
  void add(PlannedMessage message, std::optional<base::Duration> after) {
    plan.push_back(message);
    Outcome outcome;
    if (after) outcome.delivered = message.at + *after;
    run.outcomes.push_back(outcome);
  }
};

GroupRun sample() {
  GroupRun sample;
  sample.run.end = at(1h);
  // Group 4: five members, rows not together, as two kinds of traffic leave them.
  sample.add(to_member(4, 100s), 30s);
  sample.add(to_member(7, 100s), 5s);
  sample.add(to_member(4, 100s), 10s);
  sample.add(to_member(4, 100s), std::nullopt);
  sample.add(PlannedMessage{}, 1s);  // no group's
  sample.add(to_member(4, 100s), 20s);
  sample.add(to_member(7, 100s), 9s);
  sample.add(to_member(4, 100s), std::nullopt);
  // Group 8: nobody wrote it.
  sample.add(to_member(8, 200s), std::nullopt);
  sample.add(to_member(8, 200s), std::nullopt);
  // Group 9: after the end.
  sample.add(to_member(9, 2h), std::nullopt);
  // Of group 4 one was not written, the author's store being full.
  sample.run.not_written = {7, 8, 9};
  return sample;
}

TEST(GroupFigures, say_who_was_reached_and_how_soon) {
  const GroupRun groups = sample();
  const auto outcomes = group_outcomes(groups.run, groups.plan);
  ASSERT_EQ(outcomes.size(), 2u) << "groups to which nobody wrote are none";
  EXPECT_EQ(outcomes[0].group, 4u);
  EXPECT_EQ(outcomes[0].members, 5u) << "who could not be written to is a member";
  EXPECT_EQ(outcomes[0].reached, 3u);
  EXPECT_EQ(outcomes[0].half_after, 30s) << "three of five are half";
  EXPECT_FALSE(outcomes[0].all_after);
  EXPECT_EQ(outcomes[1].group, 7u);
  EXPECT_EQ(outcomes[1].half_after, 5s);
  EXPECT_EQ(outcomes[1].all_after, 9s);
}

TEST(GroupFigures, are_means_and_medians_over_groups) {
  const GroupRun groups = sample();
  const GroupFigures figures = group_figures(group_outcomes(groups.run, groups.plan));
  EXPECT_EQ(figures.groups, 2u);
  EXPECT_DOUBLE_EQ(figures.reached, (.6 + 1) / 2);
  EXPECT_EQ(figures.half, 2u);
  EXPECT_EQ(figures.whole, 1u);
  EXPECT_DOUBLE_EQ(figures.half_median_s, 5);
  EXPECT_DOUBLE_EQ(figures.all_median_s, 9);
  EXPECT_EQ(group_figures({}).groups, 0u);
  EXPECT_EQ(group_figures({}).reached, 0);
}

}  // namespace
}  // namespace chaski::sim
