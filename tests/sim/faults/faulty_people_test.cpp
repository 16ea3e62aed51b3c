// SPDX-License-Identifier: Apache-2.0
// All faults together, drawn. Afraid of: a message that is read twice or that nobody wrote, a store
// that grows over its bound, an honest node that asserts, a history that does not repeat.
#include <gtest/gtest.h>

#include "people_in_trouble.hpp"
#include "sim/contacts/oracle.hpp"

namespace chaski::sim {
namespace {

using namespace test_faults;

constexpr std::uint32_t kPeople = 24;

PeopleFaults any_faults(base::Random& random) {
  PeopleFaults faults;
  const auto maybe = [&](HowMany& who) {
    if (random.below(2) == 0) who.number = static_cast<std::uint32_t>(1 + random.below(2));
  };
  for (HowMany* who : {&faults.absent, &faults.black_holes, &faults.age_liars, &faults.hop_liars,
                       &faults.replayers, &faults.junk_speakers, &faults.colluders,
                       &faults.jammers.who, &faults.flooders.who}) {
    maybe(*who);
  }
  faults.flooders.per_hour = static_cast<double>(60 + random.below(600));
  faults.jammers.cycle = {30s, std::chrono::seconds(random.below(60))};
  faults.jammers.reach = random.unit();
  faults.crashes_per_hour = random.below(2) == 0 ? 0 : 4;
  faults.outages_per_hour = random.below(2) == 0 ? 0 : 2;
  faults.outage = std::chrono::seconds(10 + random.below(600));
  faults.sleepers.who.share = random.unit();
  faults.sleepers.cycle = {std::chrono::seconds(1 + random.below(200)),
                           std::chrono::seconds(1 + random.below(200))};
  if (random.below(4) == 0) {
    faults.sleepers.night_from = std::chrono::seconds(random.below(86'400));
    faults.sleepers.night_until = std::chrono::seconds(random.below(3'600));
  }
  faults.clocks.who.share = random.unit();
  faults.clocks.offset_max = std::chrono::hours(random.below(100'000));
  faults.clocks.drift_ppm_max = 100'000 * random.unit();
  faults.clocks.jumps_per_hour = 6 * random.unit();
  faults.clocks.forgets = random.below(2) == 0;
  return faults;
}

TEST(FaultyPeople, lose_no_sense_whatever_goes_wrong) {
  for (const auto seed : test::seeds(6)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    const PeopleFaults faults = any_faults(random);
    const bool bluetooth = seed % 2 == 0;
    const ContactTrace met = random_meetings(seed, kPeople, 500, 40min);
    const MessagePlan plan = plan_of(faults, seed, kPeople, 30min);
    PeopleRules rules = rules_of(faults, seed, bluetooth);
    rules.store_bytes_max = 4u << 20;
    const PeopleResult result = run(met, plan, rules);
    EXPECT_EQ(result.seen_twice, 0u);
    EXPECT_EQ(result.never_written, 0u);
    EXPECT_LE(result.stored_bytes_most, rules.store_bytes_max);
    EXPECT_EQ(result.run.totals.messages_written + result.not_written, plan.size());
    TraceSource for_oracle(met);
    const RunResult best = run_oracle(for_oracle, plan);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      if (!result.run.outcomes[i].delivered) continue;
      ASSERT_TRUE(best.outcomes[i].delivered) << i << " came though nobody could carry it";
      EXPECT_GE(*result.run.outcomes[i].delivered, *best.outcomes[i].delivered) << i;
    }
    const PeopleResult again = run(met, plan, rules);
    EXPECT_EQ(again.world_hash, result.world_hash) << "one seed, one history";
    EXPECT_EQ(again.run.event_hash, result.run.event_hash);
  }
}

// Over 12 seeds 635 messages arrive among black holes and as many without them: they cost what it
// costs that they are not there; with honest relays in their place 722 arrive.
TEST(FaultyPeople, get_on_among_black_holes) {
  std::uint64_t honest = 0;
  std::uint64_t without = 0;
  std::uint64_t among = 0;
  for (const auto seed : test::seeds(3)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    PeopleFaults holes;
    holes.black_holes.share = .25;
    PeopleFaults relays;
    relays.colluders.share = .25;
    PeopleFaults absent;
    absent.absent.share = .25;
    const ContactTrace met = random_meetings(seed, kPeople, 130, 60min);
    const MessagePlan plan = plan_of(holes, seed, kPeople, 40min);
    honest += delivered(run(met, plan, rules_of(relays, seed, false)));
    without += delivered(run(met, plan, rules_of(absent, seed, false)));
    const PeopleResult result = run(met, plan, rules_of(holes, seed, false));
    among += delivered(result);
    EXPECT_GT(did(result, "black_holes", "swallowed"), 100);
  }
  RecordProperty("honest", static_cast<int>(honest));
  RecordProperty("without", static_cast<int>(without));
  RecordProperty("among", static_cast<int>(among));
  EXPECT_GE(among * 100, honest * 75) << among << " of " << honest;
  EXPECT_GE(among * 100, without * 95) << among << " of " << without;
  EXPECT_LT(without, honest) << "a world in which nobody misses them";
}

}  // namespace
}  // namespace chaski::sim
