// SPDX-License-Identifier: Apache-2.0
// What a sweep says of many runs. Afraid of: an interval that is too narrow, a delay of 0 that is
// none, a record that is believed though it was cut.
#include "tools/sim/sweep/summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tools/sim/failure.hpp"

namespace chaski::tools {
namespace {

using nlohmann::json;
using testing::DoubleNear;
using testing::HasSubstr;

TEST(SweepSummary, SpreadsAreThoseOfTheTables) {
  EXPECT_EQ(spread_of({}).count, 0);
  EXPECT_EQ(spread_of({7}).mean, 7);
  EXPECT_FALSE(spread_of({7}).ci95.has_value()) << "one value says nothing of the next";
  const Spread two = spread_of({3, 1});
  EXPECT_EQ(two.mean, 2);
  EXPECT_EQ(two.median, 2);
  // t(0.975; 1) is 12.706, the deviation sqrt(2).
  EXPECT_THAT(*two.ci95, DoubleNear(12.706, 1e-3));
  const Spread five = spread_of({5, 1, 2, 4, 103});
  EXPECT_EQ(five.mean, 23);
  EXPECT_EQ(five.median, 4);
  // t(0.975; 4) is 2.776.
  EXPECT_THAT(*five.ci95, DoubleNear(2.77645 * 44.74930 / std::sqrt(5.0), 1e-3));
}

TEST(SweepSummary, ACutOrDamagedRecordIsNotBelieved) {
  const json record = {{"point", 3}, {"seed", 4}, {"text", "a\"b,\"check\":\""}};
  std::string line = record_line(record);
  ASSERT_EQ(line.back(), '\n');
  line.pop_back();
  EXPECT_EQ(record_in(line), record);
  EXPECT_EQ(json::parse(line)["point"], 3) << "other programs read it as it is";
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_TRUE(record_in(line.substr(0, size)).is_discarded()) << size;
  }
  for (std::size_t at = 0; at < line.size(); ++at) {
    std::string damaged = line;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_TRUE(record_in(damaged).is_discarded()) << at;
  }
}

constexpr const char* kHall = R"(duration_s = 60
strategies = ["direct"]
[area]
width_m = 60
height_m = 40
range_m = 12
[[people]]
number = 4
model = "random-waypoint"
[traffic]
interval_min_s = 30
)";

class SweepPlans : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "sweep_plan_test.toml";
    std::ofstream(path_) << kHall;
  }
  void TearDown() override { std::remove(path_.c_str()); }
  SweepPlan plan(const std::string& seeds, const std::vector<std::string>& set) const {
    return SweepPlan({path_, seeds, set, {}});
  }
  std::string refused(const std::string& seeds, const std::vector<std::string>& set) const {
    try {
      plan(seeds, set);
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.exit, 2);
      return failure.line;
    }
    return "";
  }
  std::string path_;
};

TEST_F(SweepPlans, EveryCombinationMeetsEverySeedOnce) {
  const SweepPlan both = plan("1..3,9", {"area.range_m=5,6", "people.0.number=4,5,6"});
  ASSERT_EQ(both.points(), 24);
  std::set<std::string> seen;
  for (std::size_t point = 0; point < both.points(); ++point) seen.insert(both.words_for(point));
  EXPECT_EQ(seen.size(), 24);
  EXPECT_EQ(both.words_for(0), "area.range_m=5, people.0.number=4, seed 1");
  EXPECT_EQ(both.words_for(23), "area.range_m=6, people.0.number=6, seed 9");
  const sim::Scenario last = both.scenario_of(23);
  EXPECT_EQ(last.seed, 9);
  EXPECT_EQ(std::get<sim::WalkingPeople>(last.contacts).range_m, 6);
  EXPECT_EQ(std::get<sim::WalkingPeople>(last.contacts).groups[0].people, 6);
  EXPECT_EQ(both.set_of(1)["people.0.number"], 5) << "a number for programs";
  EXPECT_EQ(plan("", {}).seeds(), std::vector<std::uint64_t>{1});
}

TEST_F(SweepPlans, WhatCannotBeSweptIsSaid) {
  EXPECT_THAT(refused("5..1", {}), HasSubstr("runs backwards; write seeds like"));
  EXPECT_THAT(refused("1,x", {}), HasSubstr("\"x\" is no seed"));
  EXPECT_THAT(refused("1,,2", {}), HasSubstr("\"\" is no seed"));
  EXPECT_THAT(refused("1..3,2", {}), HasSubstr("seed 2 is there twice"));
  EXPECT_THAT(refused("0..99999999", {}), HasSubstr("too many"));
  EXPECT_THAT(refused("99999999999999999999", {}), HasSubstr("is no seed"));
  EXPECT_THAT(refused("", {"seed=1,2"}), HasSubstr("--seeds"));
  EXPECT_THAT(refused("", {"area.range_m=1", "area.range_m=2"}), HasSubstr("was set before"));
  EXPECT_THAT(refused("", {"area.range=1"}), HasSubstr("unknown key area.range; known here"));
  EXPECT_THAT(refused("1..999999", {"area.range_m=1,2"}), HasSubstr("more points than"));
}

/// The record of a run in which so many of ten messages arrived.
json run_of(const char* strategy, int delivered, double delay) {
  return {{"strategy", strategy},
          {"delivered", delivered},
          {"delivery", delivered / 10.0},
          {"delay_s", {{"mean", delay}, {"median", delay}, {"p90", delay}, {"p99", delay}}},
          {"to_oracle", {{"delivery", delivered / 10.0}, {"delay", delivered > 0 ? 1.5 : 0}}},
          {"bytes_per_delivered_byte", delivered > 0 ? 4.0 : 0},
          {"air_bytes", 400},
          {"energy_j", nullptr}};
}

TEST_F(SweepPlans, WhatDidNotArriveHasNoDelay) {
  const SweepPlan four = plan("1..4", {"area.range_m=5,6"});
  SweepRecords records;
  for (std::size_t point = 0; point < 4; ++point) {
    const int arrived = point == 0 ? 0 : 5;
    const double delay = point == 0 ? 0 : 10.0 * static_cast<double>(point);
    records[point] = {{"runs", {run_of("oracle", 10, 1), run_of("direct", arrived, delay)}}};
  }
  const json sweep = sweep_json(four, records);
  const json& direct = sweep["combinations"][0]["runs"][1]["figures"];
  EXPECT_EQ(direct["delivery"]["count"], 4);
  EXPECT_EQ(direct["delivery"]["mean"], 0.375);
  EXPECT_EQ(direct["delay_median_s"]["count"], 3);
  EXPECT_EQ(direct["delay_median_s"]["mean"], 20);
  EXPECT_EQ(direct["delay_of_best"]["mean"], 1.5);
  EXPECT_EQ(direct["delivery_of_best"]["count"], 4);
  EXPECT_TRUE(direct["energy_mean_j"].is_null());
  EXPECT_EQ(sweep["combinations"][1]["seeds"], 0);
  EXPECT_EQ(sweep["missing"].size(), 4) << "what is not there is said";
  const std::string csv = sweep_csv(four, sweep);
  EXPECT_THAT(csv, HasSubstr("area.range_m,strategy,seeds,delivery_mean,delivery_median,"));
  EXPECT_THAT(csv, HasSubstr("\n5,direct,4,0.375,0.5,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  EXPECT_THAT(sweep_table(four, sweep), HasSubstr("0 of 4 points"));
}

}  // namespace
}  // namespace chaski::tools
