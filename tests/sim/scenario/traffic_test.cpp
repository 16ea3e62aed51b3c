// SPDX-License-Identifier: Apache-2.0
// Kinds of traffic in one scenario. Afraid of: a kind that changes what another says, a group
// number that two messages share, a plan out of the order of time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/scenario/compare.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kHall = R"(
seed = 5
duration_s = 1800
strategies = ["chaski", "epidemic"]
[area]
width_m = 60
height_m = 40
range_m = 12
[[people]]
number = 10
model = "random-waypoint"
pause_max_s = 60
)";

base::Expected<Scenario, std::string> hall(const std::string& traffic) {
  return parse_scenario(kHall + traffic, "x.toml");
}

Stage staged(const std::string& traffic) {
  const auto scenario = hall(traffic);
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error());
  if (!scenario) return {};
  auto stage = set_stage(*scenario, {});
  EXPECT_TRUE(stage) << (stage ? "" : stage.error());
  return stage ? std::move(*stage) : Stage{};
}

std::string wrong(const std::string& traffic) {
  const auto scenario = hall(traffic);
  return scenario ? "" : scenario.error();
}

constexpr const char* kTexts = "[[traffic]]\ninterval_min_s = 30\nuntil_s = 1200\n";
constexpr const char* kPictures =
    "[[traffic]]\nas = \"files\"\ninterval_min_s = 100\nuntil_s = 1200\nlifetime_s = 900\n";
constexpr const char* kGroups =
    "[[traffic]]\npattern = \"neighbour-groups\"\ncontacts_per_person = 3\n"
    "interval_min_s = 70\nuntil_s = 1200\n";
constexpr const char* kCalls =
    "[[traffic]]\npattern = \"broadcasts\"\nauthors = 2\ninterval_min_s = 200\n";

TEST(Traffic, OneKindIsTheSameInATableAndInAList) {
  const Stage one = staged("[traffic]\ninterval_min_s = 30\nuntil_s = 1200\n");
  const Stage list = staged(kTexts);
  ASSERT_EQ(one.plan.size(), list.plan.size());
  ASSERT_GT(one.plan.size(), 30u);
  for (std::size_t i = 0; i < one.plan.size(); ++i) {
    EXPECT_EQ(one.plan[i].at, list.plan[i].at);
    EXPECT_EQ(one.plan[i].from, list.plan[i].from);
    EXPECT_EQ(one.plan[i].to, list.plan[i].to);
    EXPECT_EQ(one.plan[i].size_bytes, list.plan[i].size_bytes);
  }
}

TEST(Traffic, SeveralKindsAreOnePlanInTheOrderOfTime) {
  const Stage stage = staged(std::string(kTexts) + kPictures + kGroups + kCalls);
  std::map<std::uint32_t, std::vector<const PlannedMessage*>> groups;
  std::size_t texts = 0;
  std::size_t files = 0;
  const PlannedMessage* before = nullptr;
  for (const PlannedMessage& message : stage.plan) {
    if (before != nullptr) {
      EXPECT_LE(before->at, message.at);
    }
    before = &message;
    if (message.group) groups[*message.group].push_back(&message);
    if (message.as_file) {
      ++files;
      EXPECT_GE(message.size_bytes, 50'000u);
      EXPECT_LE(message.size_bytes, 500'000u);
      EXPECT_EQ(message.lifetime, 900s);
      EXPECT_FALSE(message.group);
    } else if (!message.group) {
      ++texts;
    }
  }
  EXPECT_EQ(files, 12u);
  EXPECT_EQ(texts, 40u);
  std::size_t small = 0;
  std::size_t calls = 0;
  std::set<NodeIndex> callers;
  for (const auto& [number, rows] : groups) {
    std::set<NodeIndex> members;
    for (const PlannedMessage* row : rows) {
      EXPECT_EQ(row->from, rows.front()->from);
      EXPECT_EQ(row->at, rows.front()->at);
      EXPECT_EQ(row->size_bytes, rows.front()->size_bytes);
      EXPECT_NE(row->to, row->from);
      members.insert(row->to);
    }
    EXPECT_EQ(members.size(), rows.size()) << "each member once";
    small += rows.size() == 3 ? 1u : 0u;
    calls += rows.size() == 9 ? 1u : 0u;
    if (rows.size() == 9) callers.insert(rows.front()->from);
  }
  EXPECT_EQ(small, 17u);
  EXPECT_EQ(calls, 9u);
  EXPECT_LE(callers.size(), 2u);
  EXPECT_EQ(groups.size(), small + calls);
  EXPECT_EQ(groups.rbegin()->first, small + calls - 1) << "numbered from 0 on, without a gap";
}

TEST(Traffic, FewMayBeTheAuthorsOfGroups) {
  for (const char* pattern : {"groups", "neighbour-groups"}) {
    const Stage stage = staged("[traffic]\ninterval_min_s = 20\nauthors = 2\npattern = \"" +
                               std::string(pattern) + "\"\n");
    std::set<NodeIndex> authors;
    for (const PlannedMessage& message : stage.plan) authors.insert(message.from);
    EXPECT_EQ(authors.size(), 2u) << pattern;
  }
}

TEST(Traffic, OneHasOnesFriendsForTextsAndForFiles) {
  const std::string contacts =
      "pattern = \"contacts\"\ncontacts_per_person = 2\n"
      "interval_min_s = 2\n";
  const Stage stage =
      staged("[[traffic]]\n" + contacts + "[[traffic]]\nas = \"files\"\nsize_min_bytes = 9\n" +
             "size_max_bytes = 9\n" + contacts);
  std::map<NodeIndex, std::set<NodeIndex>> friends;
  for (const PlannedMessage& message : stage.plan) friends[message.from].insert(message.to);
  ASSERT_EQ(friends.size(), 10u);
  for (const auto& [author, to] : friends) EXPECT_EQ(to.size(), 2u) << author;
}

TEST(Traffic, SaysWhatIsWrong) {
  EXPECT_THAT(wrong("[[traffic]]\nas = \"songs\"\n"), HasSubstr("choose of texts, files"));
  EXPECT_THAT(wrong("[[traffic]]\nauthors = 3\n"), HasSubstr("traffic.authors says nothing"));
  EXPECT_THAT(wrong(std::string(kTexts) + "[[traffic]]\nintervall_min_s = 3\n"),
              HasSubstr("x.toml:17: unknown key traffic.intervall_min_s"));
  for (const char* nothing : {"traffic = []", "traffic = [1, 2]", "traffic = 3", ""}) {
    const auto scenario = parse_scenario(std::string(nothing) + kHall, "x.toml");
    ASSERT_FALSE(scenario) << nothing;
    EXPECT_THAT(scenario.error(), HasSubstr("x.toml:1: traffic ")) << nothing;
  }
}

TEST(Compare, FiguresOfFilesAndTextsAreApart) {
  MessagePlan plan(4);
  for (PlannedMessage& message : plan) message.size_bytes = 100;
  plan[2].as_file = true;
  plan[3].size_bytes = kTextSizeMax + 1;
  RunResult run;
  run.end = base::Time{} + 1h;
  run.outcomes.resize(4);
  run.outcomes[0].delivered = base::Time{} + 10s;
  run.outcomes[3].delivered = base::Time{} + 500s;
  run.not_written = {1};
  run.totals.messages_written = 3;
  run.totals.air_bytes = 640'010'010;
  const RunFigures texts = figures_of(run, plan, run, PlanPart::texts);
  EXPECT_EQ(texts.written, 1u);
  EXPECT_EQ(texts.delivered, 1u);
  EXPECT_EQ(texts.delay_median_s, 10);
  const RunFigures files = figures_of(run, plan, run, PlanPart::files);
  EXPECT_EQ(files.written, 2u);
  EXPECT_EQ(files.delivery, .5);
  EXPECT_EQ(files.delay_median_s, 500);
  EXPECT_EQ(files.bytes_per_delivered_byte, 0);
  const RunFigures all = figures_of(run, plan, run);
  EXPECT_EQ(all.written, 3u);
  EXPECT_EQ(all.delivered, 2u);
  EXPECT_GT(all.bytes_per_delivered_byte, 9'000);
}

TEST(Compare, FilesAndGroupsArriveAsTheOracleSays) {
  const std::string traffic = std::string(kTexts) + kPictures + kGroups;
  const auto scenario = hall(traffic);
  ASSERT_TRUE(scenario) << scenario.error();
  const Stage stage = staged(traffic);
  const StrategyRun best = run_best(stage);
  const StrategyRun run = run_strategy(*scenario, stage, "chaski");
  EXPECT_EQ(run.people.seen_twice, 0u);
  EXPECT_EQ(run.people.files_wrong, 0u);
  for (std::size_t i = 0; i < stage.plan.size(); ++i) {
    const auto& at = run.result.outcomes[i].delivered;
    if (!at) continue;
    ASSERT_TRUE(best.result.outcomes[i].delivered) << i;
    EXPECT_GE(*at, *best.result.outcomes[i].delivered) << i;
  }
  const RunFigures files = figures_of(run.result, stage.plan, best.result, PlanPart::files);
  EXPECT_EQ(files.written, 12u);
  EXPECT_GT(files.delivery, .8);
  EXPECT_GT(figures_of(run.result, stage.plan, best.result, PlanPart::texts).delivery, .9);
}

}  // namespace
}  // namespace chaski::sim
