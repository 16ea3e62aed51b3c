// SPDX-License-Identifier: Apache-2.0
// [radio] in a scenario. Afraid of: an old scenario that plays otherwise, a strategy of books on
// other contacts than production nodes, numbers that mean nothing and are taken.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>

#include "sim/scenario/compare.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::string field(const std::string& area, const std::string& more) {
  return "seed = 3\nduration_s = 1800\nstrategies = [\"chaski\", \"epidemic\"]\n"
         "[area]\nwidth_m = 150\nheight_m = 150\n" +
         area +
         "[[people]]\nnumber = 16\nmodel = \"random-waypoint\"\npause_max_s = 60\n"
         "[traffic]\ninterval_min_s = 30\nuntil_s = 1200\n" +
         more;
}

std::string wrong(const std::string& text) {
  const auto scenario = parse_scenario(text, "x.toml");
  return scenario ? "" : scenario.error();
}

Stage staged(const std::string& text) {
  const auto scenario = parse_scenario(text, "x.toml");
  EXPECT_TRUE(scenario) << (scenario ? "" : scenario.error());
  auto stage = set_stage(*scenario, {});
  EXPECT_TRUE(stage) << (stage ? "" : stage.error());
  return stage ? std::move(*stage) : Stage{};
}

TEST(Radio, SaysWhatIsWrong) {
  EXPECT_THAT(wrong(field("range_m = 20\n", "[radio]\n")), HasSubstr("beside a range_m"));
  EXPECT_THAT(wrong("[contacts]\nfile = \"c\"\n[traffic]\ninterval_min_s = 9\n[radio]\n"),
              HasSubstr("contacts without places"));
  EXPECT_THAT(wrong(field("", "[radio]\nexponent = 0.5\n")), HasSubstr("radio.exponent"));
  EXPECT_THAT(wrong(field("", "[radio]\npower_dbm = -60\ncarried_db = 60\n")),
              HasSubstr("radio.power_dbm reaches nobody"));
  EXPECT_THAT(wrong(field("", "[radio]\nsigma = 3\n")), HasSubstr("unknown key radio.sigma"));
  const auto long_one = parse_scenario(
      "duration_s = 1e7\n[area]\nwidth_m = 9\nheight_m = 9\n[[people]]\nnumber = 100\n"
      "model = \"stationary\"\n[traffic]\ninterval_min_s = 1e6\n[radio]\nsample_s = 0.01\n",
      "x.toml");
  ASSERT_TRUE(long_one) << long_one.error();
  const auto stage = set_stage(*long_one, {});
  ASSERT_FALSE(stage);
  EXPECT_THAT(stage.error(), HasSubstr("radio.sample_s is so short"));
}

TEST(Radio, WithoutOneContactsAreTheDisc) {
  EXPECT_FALSE(staged(field("range_m = 20\n", "")).signals);
}

TEST(Radio, EverybodyIsOnTheContactsThatItGives) {
  const std::string text = field("", "[radio]\ncarried_db = 20\n");
  const auto scenario = *parse_scenario(text, "x.toml");
  const Stage stage = staged(text);
  ASSERT_TRUE(stage.signals);
  EXPECT_TRUE(is_well_formed(stage.contacts));
  EXPECT_EQ(stage.contacts.changes, staged(text).contacts.changes);
  EXPECT_GT(stage.contacts.changes.size(), 100u);
  EXPECT_NE(stage.contacts.changes, staged(field("", "[radio]\n")).contacts.changes);
  // A contact begins where the signal is: the field of a run says the same.
  const auto signals = stage.signals();
  for (const ContactChange& change : stage.contacts.changes) {
    const double margin =
        signals->signal_dbm(change.a, change.b, change.at) - signals->sensitivity_dbm();
    EXPECT_EQ(change.up, margin >= 0);
  }
  const StrategyRun best = run_best(stage);
  const StrategyRun run = run_strategy(scenario, stage, "chaski");
  std::uint64_t arrived = 0;
  for (std::size_t i = 0; i < stage.plan.size(); ++i) {
    const auto& at = run.result.outcomes[i].delivered;
    if (!at) continue;
    ++arrived;
    ASSERT_TRUE(best.result.outcomes[i].delivered);
    EXPECT_GE(*at, *best.result.outcomes[i].delivered);
  }
  EXPECT_GT(arrived, stage.plan.size() * 3 / 4);
  EXPECT_EQ(run.people.seen_twice, 0u);
  EXPECT_EQ(run_strategy(scenario, stage, "chaski").people.world_hash, run.people.world_hash);
  Stage deaf = stage;
  deaf.signals = nullptr;
  EXPECT_NE(run_strategy(scenario, deaf, "chaski").people.world_hash, run.people.world_hash)
      << "the same contacts, and nobody was told how strong";
}

TEST(Radio, AmongFadingLinksCrashesAndEmptyBatteriesNothingIsLostOrSpoilt) {
  for (const auto seed : test::seeds(1)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    auto scenario = *parse_scenario(
        "duration_s = 5400\n[area]\nwidth_m = 80\nheight_m = 60\n[radio]\ncarried_db = 20\n"
        "[[people]]\nnumber = 12\nmodel = \"random-waypoint\"\npause_max_s = 60\n"
        "[[traffic]]\ninterval_min_s = 60\nuntil_s = 1800\n"
        "[[traffic]]\nas = \"files\"\ninterval_min_s = 120\nsize_min_bytes = 1\n"
        "size_max_bytes = 400000\nuntil_s = 1800\n"
        "[[traffic]]\npattern = \"groups\"\nas = \"files\"\ncontacts_per_person = 5\n"
        "size_min_bytes = 1000\nsize_max_bytes = 60000\ninterval_min_s = 300\nuntil_s = 1800\n"
        "[faults]\ncrashes_per_hour = 4\noutages_per_hour = 0.5\n",
        "x.toml");
    scenario.seed = seed;
    const auto stage = set_stage(scenario, {});
    ASSERT_TRUE(stage) << stage.error();
    const StrategyRun run = run_strategy(scenario, *stage, "chaski");
    const RunFigures figures = figures_of(run.result, stage->plan, run.result);
    const RunFigures files = figures_of(run.result, stage->plan, run.result, PlanPart::files);
    std::printf("%llu of %llu files, %llu of %llu in all, %llu crashes\n",
                static_cast<unsigned long long>(files.delivered),
                static_cast<unsigned long long>(files.written),
                static_cast<unsigned long long>(figures.delivered),
                static_cast<unsigned long long>(figures.written),
                static_cast<unsigned long long>(run.people.crashes));
    EXPECT_EQ(figures.delivered, figures.written);
    EXPECT_GT(files.written, 20u);
    EXPECT_GT(run.people.crashes, 30u);
    EXPECT_EQ(run.people.seen_twice, 0u);
    EXPECT_EQ(run.people.files_wrong, 0u);
  }
}

TEST(Radio, RecordedPositionsHaveOneToo) {
  const auto scenario = parse_scenario(
      "[positions]\nfile = \"p.csv\"\ninterval_s = 10\n[traffic]\ninterval_min_s = 1\n"
      "[radio]\nshadowing_db = 0\nbody_db = 0\n",
      "x.toml");
  ASSERT_TRUE(scenario) << scenario.error();
  StageOptions options;
  // 1 walks away from 0 at 10 m/s; 41 dB are left for the way: 43.7 m.
  options.read = [](const std::string&) -> base::Expected<std::string, std::string> {
    return "time_s,node,x_m,y_m\n0,0,0,0\n0,1,0,0\n10,0,0,0\n10,1,100,0\n";
  };
  const auto stage = set_stage(*scenario, options);
  ASSERT_TRUE(stage) << stage.error();
  ASSERT_EQ(stage->contacts.changes.size(), 2u);
  EXPECT_EQ(stage->contacts.changes[0].at, base::Time{});
  EXPECT_EQ(stage->contacts.changes[1].at, base::Time{} + 5s) << "the first sample beyond it";
}

}  // namespace
}  // namespace chaski::sim
