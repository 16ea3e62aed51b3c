// SPDX-License-Identifier: Apache-2.0
// Radios that sleep, and jammers. Afraid of: a radio that is off and carries all the same, one that
// does not come back, a link that a sleeper's neighbour keeps for ever.
#include <gtest/gtest.h>

#include "people_in_trouble.hpp"

namespace chaski::sim {
namespace {

using namespace test_faults;

/// 0 and 1 stand beside each other all day; 0 writes every ten minutes.
ContactTrace neighbours(base::Duration end) {
  return trace_of({{at(0s), at(end), 0, 1}}, 2, at(end));
}
MessagePlan letters(base::Duration end) {
  MessagePlan plan;
  for (base::Duration when = 5min; when < end; when += 10min) {
    plan.push_back({at(when), 0, 1, 100, base::Duration::max(), ""});
  }
  return plan;
}

TEST(Radios, that_are_off_at_night_carry_nothing_and_all_in_the_morning) {
  for (const bool bluetooth : {false, true}) {
    SCOPED_TRACE(bluetooth ? "Bluetooth" : "Wi-Fi");
    PeopleFaults faults;
    faults.sleepers.who.number = 2;
    faults.sleepers.night_from = 2h;
    faults.sleepers.night_until = 4h;
    const ContactTrace met = neighbours(6h);
    const MessagePlan plan = letters(6h);
    const PeopleResult result = run(met, plan, rules_of(faults, 1, bluetooth));
    EXPECT_EQ(did(result, "sleepers", "naps"), 2);
    EXPECT_EQ(did(result, "sleepers", "asleep_s"), 2 * 7'200);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const auto& outcome = result.run.outcomes[i].delivered;
      ASSERT_TRUE(outcome) << i;
      if (plan[i].at >= at(2h) && plan[i].at < at(4h)) {
        EXPECT_GT(*outcome, at(4h)) << i;
        EXPECT_LT(*outcome, at(4h) + 3min) << i;
      } else {
        EXPECT_LT(*outcome, plan[i].at + 2min) << i;
      }
    }
    EXPECT_EQ(result.not_written, 0u) << "the nodes were on";
  }
}

TEST(Radios, of_a_duty_cycle_meet_now_and_then_and_use_less) {
  PeopleFaults faults;
  faults.sleepers.who.share = 1;
  faults.sleepers.cycle = {60s, 180s};
  std::uint64_t arrived = 0;
  std::uint64_t written = 0;
  for (const auto seed : test::seeds(4)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const ContactTrace met = neighbours(6h);
    const MessagePlan plan = letters(5h);
    const PeopleResult awake = run(met, plan, rules_of({}, seed, true));
    const PeopleResult result = run(met, plan, rules_of(faults, seed, true));
    EXPECT_NEAR(did(result, "sleepers", "asleep_s"), 2 * 6 * 3'600 * .75, 400);
    EXPECT_EQ(delivered(awake), plan.size());
    EXPECT_LT(result.radio.scan_s + result.radio.connected_s,
              (awake.radio.scan_s + awake.radio.connected_s) / 2);
    written += plan.size();
    arrived += delivered(result);
  }
  // Who is awake a quarter of the time each is so together in less than half of all worlds.
  EXPECT_GT(arrived, 0u);
  EXPECT_LT(arrived, written);
}

TEST(Radios, near_a_jammer_are_silent_until_it_goes) {
  for (const bool bluetooth : {false, true}) {
    SCOPED_TRACE(bluetooth ? "Bluetooth" : "Wi-Fi");
    PeopleFaults faults;
    faults.jammers.who.number = 1;
    // Whoever it is that jams stands beside the others for the second hour.
    const Cast cast = draw_cast(faults, 1, 3);
    const NodeIndex jammer = cast.all(Part::jammer).at(0);
    const std::vector<NodeIndex> people = cast.all(Part::person);
    const auto [low, high] = std::minmax(people[0], people[1]);
    const ContactTrace met =
        trace_of({{at(0s), at(3h), low, high},
                  {at(1h), at(2h), std::min(jammer, low), std::max(jammer, low)}},
                 3, at(3h));
    MessagePlan plan = letters(3h);
    for (PlannedMessage& message : plan) {
      message.from = low;
      message.to = high;
    }
    const PeopleResult result = run(met, plan, rules_of(faults, 1, bluetooth));
    EXPECT_EQ(did(result, "jammers", "lost_contact_s"), 3'600);
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const auto& outcome = result.run.outcomes[i].delivered;
      ASSERT_TRUE(outcome) << i;
      const bool jam = plan[i].at >= at(1h) && plan[i].at < at(2h);
      EXPECT_EQ(*outcome > at(2h), jam || plan[i].at >= at(2h)) << i;
    }
  }
}

}  // namespace
}  // namespace chaski::sim
