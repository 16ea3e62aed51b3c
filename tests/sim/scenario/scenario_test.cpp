// SPDX-License-Identifier: Apache-2.0
// Scenario files. Afraid of: a key that is passed over in silence, a world that runs on half of
// what somebody wrote, an error that does not say where.
#include "sim/scenario/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "sim/faults/cast.hpp"
#include "sim/scenario/compare.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr const char* kSmall = R"(
title = "Ten people in a hall"
seed = 5
duration_s = 1800
strategies = ["chaski", "epidemic", "direct"]
[area]
width_m = 60
height_m = 40
range_m = 12
[[people]]
number = 10
model = "random-waypoint"
speed_min_m_per_s = 0.8
pause_max_s = 60
[traffic]
interval_min_s = 30
until_s = 1200
)";

std::string error_of(const std::string& text) {
  const auto scenario = parse_scenario(text, "x.toml");
  return scenario ? "" : scenario.error();
}

std::string with(std::string_view old, const std::string& fresh) {
  std::string text = kSmall;
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), fresh);
}

Stage stage_of(const Scenario& scenario, StageOptions options = {}) {
  if (!options.read) {
    options.read = [](const std::string& file) -> base::Expected<std::string, std::string> {
      return base::unexpected("nobody asked for " + file);
    };
  }
  auto stage = set_stage(scenario, options);
  EXPECT_TRUE(stage) << (stage ? "" : stage.error());
  return stage ? std::move(*stage) : Stage{};
}

TEST(Scenario, IsWhatTheFileSays) {
  const auto scenario = parse_scenario(kSmall, "x.toml");
  ASSERT_TRUE(scenario) << scenario.error();
  EXPECT_EQ(scenario->seed, 5u);
  EXPECT_EQ(scenario->duration, 30min);
  const auto& people = std::get<WalkingPeople>(scenario->contacts);
  EXPECT_EQ(people.range_m, 12);
  ASSERT_EQ(people.groups.size(), 1u);
  EXPECT_EQ(std::get<RandomWaypoint>(people.groups[0].model).pause_max_s, 60);
  EXPECT_TRUE(std::holds_alternative<BleParameters>(scenario->links));
  EXPECT_TRUE(scenario->ideal.instant);
}

TEST(Scenario, SaysWhereItIsWrong) {
  EXPECT_THAT(error_of("title = 3\n"), HasSubstr("x.toml:1: title is no text"));
  EXPECT_THAT(error_of(with("seed = 5", "sead = 5")), HasSubstr("x.toml:3: unknown key sead"));
  EXPECT_THAT(error_of(with("width_m = 60", "width_m = \"60\"")),
              HasSubstr("x.toml:7: area.width_m is no number"));
  EXPECT_THAT(error_of(with("range_m = 12", "range_m = -1")), HasSubstr("x.toml:9: area.range_m"));
  EXPECT_THAT(error_of(with("range_m = 12", "range_m = nan")), HasSubstr("x.toml:9:"));
  EXPECT_THAT(error_of(with("\"random-waypoint\"", "\"flying\"")),
              HasSubstr("x.toml:12: people.model is flying; choose of random-waypoint"));
  EXPECT_THAT(error_of(with("speed_min_m_per_s = 0.8", "speed_min_m_per_s = 9")),
              HasSubstr("people.model cannot be: "));
  EXPECT_THAT(error_of(with("speed_min_m_per_s", "speed_min")), HasSubstr("unknown key"));
  EXPECT_THAT(error_of(with("\"direct\"", "\"teleport\"")), HasSubstr("names teleport"));
  EXPECT_THAT(error_of(with("duration_s = 1800", "")), HasSubstr("duration_s is missing"));
  EXPECT_THAT(error_of(with("[traffic]", "[wifi]\n[ble]\n[traffic]")), HasSubstr("beside [ble]"));
  EXPECT_THAT(error_of(with("[traffic]", "[meetings]\nnumber = 3\n[traffic]")),
              HasSubstr("is not alone"));
  EXPECT_THAT(error_of(with("number = 10", "number = 1")), HasSubstr("people are 1"));
  EXPECT_THAT(error_of(with("interval_min_s = 30", "interval_min_s = 30\ninterval_max_s = 3")),
              HasSubstr("interval_max_s is below interval_min_s"));
  EXPECT_THAT(error_of(with("until_s = 1200", "until_s = 1200\npattern = \"file\"")),
              HasSubstr("traffic.file is missing"));
  EXPECT_THAT(error_of("duration_s = 5\n[meetings]\nnumber = 3\n"),
              HasSubstr("traffic is missing"));
  EXPECT_THAT(error_of("[area\n"), HasSubstr("x.toml:1: this is no TOML"));
}

std::string stage_error(const std::string& text, const std::string& content = "") {
  const auto scenario = parse_scenario(text, "x.toml");
  if (!scenario) return scenario.error();
  StageOptions options;
  options.changes_max = 5'000;
  options.read = [&](const std::string&) -> base::Expected<std::string, std::string> {
    return content;
  };
  const auto stage = set_stage(*scenario, options);
  return stage ? "" : stage.error();
}

TEST(Scenario, WorldsThatNoMachineHoldsAreRefusedBeforeTheyAreMade) {
  EXPECT_THAT(stage_error(with("interval_min_s = 30", "interval_min_s = 0.000001")),
              HasSubstr("makes more than 10000000 messages"));
  EXPECT_THAT(stage_error("duration_s = 1e7\n[meetings]\nnumber = 1000\n"
                          "meetings_per_pair_and_h = 1e6\n[traffic]\ninterval_min_s = 1e6\n"),
              HasSubstr("more than 5000 changes of contact"));
  EXPECT_THAT(stage_error("duration_s = 1e7\n[meetings]\nnumber = 2\n"
                          "meetings_per_pair_and_h = 1e-9\n[traffic]\ninterval_min_s = 1e5\n"),
              "")
      << "who never meets is no error";
  EXPECT_THAT(stage_error(with("interval_min_s = 30",
                               "interval_min_s = 30\nas = \"files\"\nsize_max_bytes = 1e9")),
              HasSubstr("traffic.size_max_bytes"));
  EXPECT_THAT(stage_error(with("interval_min_s = 30",
                               "interval_min_s = 30\nas = \"files\"\n"
                               "size_min_bytes = 100000000\nsize_max_bytes = 100000000")),
              HasSubstr("the files are more than 1073741824 bytes in all"));
  EXPECT_THAT(
      stage_error("duration_s = 7200\nstrategies = [\"chaski\"]\n[meetings]\nnumber = 1500\n"
                  "meetings_per_pair_and_h = 0.0005\n"
                  "[traffic]\npattern = \"broadcasts\"\ninterval_min_s = 6000\n"),
      HasSubstr("writes with more than 1000 others"));
  EXPECT_THAT(stage_error("[positions]\nfile = \"p.csv\"\n[traffic]\ninterval_min_s = 1\n",
                          "time_s,node,x_m,y_m\n0,0,0,0\n0,1,5,5\n1,0,90000,0\n1,1,5,5\n"),
              HasSubstr("p.csv: "));
}

TEST(Scenario, NumbersThatCannotBeAreRefused) {
  EXPECT_THAT(error_of(with("duration_s = 1800", "duration_s = 9007199254740993")),
              HasSubstr("duration_s is"));
  EXPECT_THAT(
      error_of(with("[traffic]", "[ideal]\nbytes_per_s = 1\nlifetime_check_s = 0\n[traffic]")),
      HasSubstr("ideal.lifetime_check_s is 0"));
  EXPECT_THAT(
      error_of(with("[traffic]", "[ideal]\nbytes_per_s = 1\nupdate_interval_s = 1e-6\n[traffic]")),
      HasSubstr("ideal.update_interval_s is too small"));
}

TEST(Scenario, StrategiesHaveNames) {
  EXPECT_EQ(strategy_named("spray-16")->copies, 16);
  EXPECT_EQ(strategy_named("spray-source-3")->kind, Strategy::Kind::spray_source);
  for (const char* wrong :
       {"", "spray", "spray-", "spray-0", "spray-10001", "spray-4x", "Direct"}) {
    EXPECT_FALSE(strategy_named(wrong)) << wrong;
  }
}

TEST(Scenario, AFileThatIsMissingOrWrongIsAnErrorWithItsName) {
  const auto scenario =
      parse_scenario("[contacts]\nfile = \"met.txt\"\n[traffic]\ninterval_min_s = 1\n", "x.toml");
  ASSERT_TRUE(scenario) << scenario.error();
  StageOptions options;
  options.read = [](const std::string&) -> base::Expected<std::string, std::string> {
    return "0 CONN 0 1 up\n10 CONN 0 1 sideways\n";
  };
  const auto stage = set_stage(*scenario, options);
  ASSERT_FALSE(stage);
  EXPECT_THAT(stage.error(), HasSubstr("met.txt:2: expected up or down"));
}

TEST(Scenario, PeopleWhoDoNotStayInTheAreaAreNoScenario) {
  const auto scenario =
      parse_scenario(with("model = \"random-waypoint\"",
                          "model = \"random-waypoint\"\nrectangle_m = [50, 0, 20, 10]"),
                     "x.toml");
  ASSERT_TRUE(scenario) << scenario.error();
  const auto stage = set_stage(*scenario, {});
  ASSERT_FALSE(stage);
  EXPECT_THAT(stage.error(), HasSubstr("group 1 of [[people]] does not stay in [area]"));
}

TEST(Scenario, TheSameSeedSetsTheSameStageAndAnotherAnother) {
  auto scenario = *parse_scenario(kSmall, "x.toml");
  StageOptions options;
  options.map_frames_max = 50;
  const Stage one = stage_of(scenario, options);
  EXPECT_EQ(one.contacts.changes, stage_of(scenario).contacts.changes) << "with a map and without";
  EXPECT_GT(one.contacts.changes.size(), 50u);
  EXPECT_GT(one.plan.size(), 30u);
  EXPECT_GE(one.map.frames.size(), 45u);
  EXPECT_EQ(one.map.frames.front().size(), 10u);
  scenario.seed = 6;
  EXPECT_NE(one.contacts.changes, stage_of(scenario).contacts.changes);
}

TEST(Compare, TheOracleIsTheBestAndAnEpidemicIsIt) {
  const auto scenario = *parse_scenario(kSmall, "x.toml");
  const Stage stage = stage_of(scenario);
  const StrategyRun best = run_best(stage);
  const RunFigures own = figures_of(best.result, stage.plan, best.result);
  EXPECT_EQ(own.delivery_to_oracle, 1);
  EXPECT_GT(own.delivery, .9);
  for (const std::string& name : scenario.strategies) {
    SCOPED_TRACE(name);
    const StrategyRun run = run_strategy(scenario, stage, name);
    const RunFigures figures = figures_of(run.result, stage.plan, best.result);
    EXPECT_LE(figures.delivery_to_oracle, 1);
    EXPECT_GE(figures.delay_to_oracle, 1);
    EXPECT_EQ(run.production, name == kProduction);
    if (name == "epidemic") {
      EXPECT_EQ(figures.delivery_to_oracle, 1);
      EXPECT_EQ(figures.delay_to_oracle, 1);
    }
    if (name == kProduction) {
      EXPECT_GT(figures.delivery_to_oracle, .9);
      EXPECT_EQ(run_strategy(scenario, stage, name).people.world_hash, run.people.world_hash);
    }
  }
}

TEST(Compare, FiguresAreWhatTheyAreCalled) {
  MessagePlan plan(4);
  for (std::size_t i = 0; i < 4; ++i) plan[i].at = base::Time{} + 10s;
  for (PlannedMessage& message : plan) message.size_bytes = 100;
  RunResult best;
  best.outcomes.resize(4);
  for (std::size_t i = 0; i < 3; ++i) best.outcomes[i].delivered = base::Time{} + 20s;
  RunResult run;
  run.outcomes.resize(4);
  run.totals.messages_written = 4;
  run.totals.air_bytes = 1'000;
  run.outcomes[0].delivered = base::Time{} + 20s;
  run.outcomes[1].delivered = base::Time{} + 40s;
  const RunFigures figures = figures_of(run, plan, best);
  EXPECT_EQ(figures.delivered, 2u);
  EXPECT_EQ(figures.delivery, .5);
  EXPECT_EQ(figures.delay_mean_s, 20);
  EXPECT_EQ(figures.delay_median_s, 10);
  EXPECT_EQ(figures.delay_p90_s, 30);
  EXPECT_DOUBLE_EQ(figures.delivery_to_oracle, 2.0 / 3);
  EXPECT_EQ(figures.delay_to_oracle, 2);
  EXPECT_EQ(figures.bytes_per_delivered_byte, 5);
}

TEST(Library, EveryScenarioIsReadAndSaysWhatItIs) {
  int read = 0;
  const std::filesystem::path folder = std::string(CHASKI_SOURCE_DIR) + "/scenarios";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto scenario = parse_scenario(text.str(), entry.path().filename().string());
    ASSERT_TRUE(scenario) << scenario.error();
    EXPECT_FALSE(scenario->title.empty());
    EXPECT_GT(scenario->about.size(), 40u);
    EXPECT_GT(scenario->strategies.size(), 1u);
    ++read;
  }
  EXPECT_GE(read, 8);
}

TEST(ScenarioFile, says_what_goes_wrong) {
  const std::string faults = R"(
[faults]
crashes_per_hour = 1
outage_s = 60
[faults.sleepers]
share = 0.25
night_from_s = 79200
night_until_s = 21600
[faults.clocks]
number = 3
offset_max_s = 3600
drift_ppm_max = 50
jumps_per_hour = 0.5
jump_max_s = 60
forgets = true
[faults.jammers]
number = 1
on_s = 10
off_s = 5
reach = 0.5
[faults.flooders]
number = 2
per_hour = 60
[faults.absent]
number = 1
[faults.black_holes]
number = 1
[faults.age_liars]
number = 1
[faults.hop_liars]
number = 1
)";
  const auto scenario = parse_scenario(kSmall + faults, "x.toml");
  ASSERT_TRUE(scenario) << scenario.error();
  const PeopleFaults& read = scenario->faults;
  EXPECT_EQ(read.crashes_per_hour, 1);
  EXPECT_EQ(read.outage, 60s);
  EXPECT_EQ(read.sleepers.who.share, .25);
  EXPECT_TRUE(read.sleepers.by_night());
  EXPECT_EQ(read.sleepers.night_from, 22h);
  EXPECT_EQ(read.sleepers.night_until, 6h);
  EXPECT_EQ(read.clocks.who.number, 3u);
  EXPECT_EQ(read.clocks.offset_max, 1h);
  EXPECT_EQ(read.clocks.drift_ppm_max, 50);
  EXPECT_EQ(read.clocks.jumps_per_hour, .5);
  EXPECT_EQ(read.clocks.jump_max, 1min);
  EXPECT_TRUE(read.clocks.forgets);
  EXPECT_EQ(read.jammers.cycle.on, 10s);
  EXPECT_EQ(read.jammers.cycle.off, 5s);
  EXPECT_EQ(read.jammers.reach, .5);
  EXPECT_EQ(read.flooders.per_hour, 60);
  EXPECT_EQ(parts_wanted(read, 10), 7u);

  // Whoever is no person writes nothing and gets nothing, whatever strategy is run.
  const Stage stage = stage_of(*scenario);
  const Cast cast = draw_cast(read, scenario->seed, 10);
  ASSERT_FALSE(stage.plan.empty());
  for (const PlannedMessage& message : stage.plan) {
    EXPECT_TRUE(cast.is_person(message.from) && cast.is_person(message.to));
  }
  for (const char* part : {"colluders", "replayers", "junk_speakers"}) {
    const auto more =
        parse_scenario(kSmall + faults + "[faults." + part + "]\nshare = 0.05\n", "x.toml");
    ASSERT_TRUE(more) << more.error();
    EXPECT_EQ(parts_wanted(more->faults, 10), 8u) << part;
  }
}

TEST(ScenarioFile, errors_of_faults_say_where_and_what_to_do) {
  const auto wrong = [](const std::string& part) { return error_of(kSmall + part); };
  EXPECT_THAT(wrong("[faults.black_holes]\n"),
              HasSubstr("x.toml:18: faults.black_holes.number is missing; say how many"));
  EXPECT_THAT(wrong("[faults.black_holes]\nnumber = 1\nshare = 0.5\n"),
              HasSubstr("x.toml:19: faults.black_holes.number stands beside share"));
  EXPECT_THAT(wrong("[faults.black_hole]\nnumber = 1\n"), HasSubstr("unknown key"));
  EXPECT_THAT(wrong("[faults.colluders]\nnumber = 1\nper_hour = 5\n"),
              HasSubstr("x.toml:20: unknown key faults.colluders.per_hour"));
  EXPECT_THAT(wrong("[faults.absent]\nshare = 1.5\n"), HasSubstr("x.toml:19: faults.absent.share"));
  EXPECT_THAT(wrong("[faults.sleepers]\nshare = 1\noff_s = 0\n"),
              HasSubstr("faults.sleepers.off_s is 0: nobody sleeps"));
  EXPECT_THAT(wrong("[faults.sleepers]\nshare = 1\nnight_from_s = 1\n"),
              HasSubstr("faults.sleepers.night_until_s is missing"));
  EXPECT_THAT(wrong("[faults.sleepers]\nshare = 1\nnight_from_s = 1\nnight_until_s = 1\n"),
              HasSubstr("faults.sleepers.night_until_s is night_from_s"));
  EXPECT_THAT(
      wrong("[faults.sleepers]\nshare = 1\non_s = 5\nnight_from_s = 1\nnight_until_s = 2\n"),
      HasSubstr("faults.sleepers.on_s stands beside a night"));
  EXPECT_THAT(wrong("[faults.clocks]\nshare = 1\njump_max_s = 5\n"),
              HasSubstr("faults.clocks.jump_max_s is of no jump"));

  const auto crowded = parse_scenario(std::string(kSmall) + "[faults.absent]\nnumber = 9\n", "x");
  ASSERT_TRUE(crowded);
  const auto stage = set_stage(*crowded, {});
  ASSERT_FALSE(stage);
  EXPECT_THAT(stage.error(), HasSubstr("[faults] wants 9 of 10 people; leave two"));
}

}  // namespace
}  // namespace chaski::sim
