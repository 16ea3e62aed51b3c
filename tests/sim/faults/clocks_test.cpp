// SPDX-License-Identifier: Apache-2.0
// Wrong wall clocks. Afraid of: a message that comes, or does not, because somebody's clock is
// wrong; an age that an outage made wrong enough to keep a message for ever.
#include <gtest/gtest.h>

#include "people_in_trouble.hpp"
#include "sim/faults/wall_clocks.hpp"

namespace chaski::sim {
namespace {

using namespace test_faults;

constexpr std::uint32_t kPeople = 16;

TEST(WrongClocks, change_no_delivery) {
  for (const auto seed : test::seeds(3)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const ContactTrace met = random_meetings(seed, kPeople, 300, 40min);
    PeopleFaults right;
    right.crashes_per_hour = 2;
    PeopleFaults wrong = right;
    wrong.clocks.who.share = 1;
    wrong.clocks.offset_max = std::chrono::hours(24 * 365 * 40);
    wrong.clocks.drift_ppm_max = 200'000;
    wrong.clocks.jumps_per_hour = 5;
    wrong.clocks.jump_max = std::chrono::hours(24 * 400);
    const MessagePlan plan = plan_of(wrong, seed, kPeople, 30min);
    const PeopleResult with_right = run(met, plan, rules_of(right, seed, false));
    const PeopleResult with_wrong = run(met, plan, rules_of(wrong, seed, false));
    EXPECT_GT(did(with_wrong, "clocks", "jumps"), 10);
    EXPECT_GT(delivered(with_right), plan.size() / 2);
    // Only what is written inside the messages differs, and with it their ids: what they decide in
    // sketches and tables moves a delivery by less than a frame, now and then.
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const auto& one = with_right.run.outcomes[i].delivered;
      const auto& other = with_wrong.run.outcomes[i].delivered;
      ASSERT_EQ(one.has_value(), other.has_value()) << i;
      if (!one) continue;
      EXPECT_LT(std::max(*one, *other) - std::min(*one, *other), 1s) << i;
    }
    EXPECT_NE(with_wrong.world_hash, with_right.world_hash) << "no clock was wrong";
  }
}

TEST(WrongClocks, that_say_1970_after_an_outage_lose_nothing) {
  for (const auto seed : test::seeds(2)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    const ContactTrace met = random_meetings(seed, kPeople, 900, 90min);
    PeopleFaults right;
    right.outages_per_hour = 2;
    right.outage = 5min;
    PeopleFaults wrong = right;
    wrong.clocks.who.share = 1;
    wrong.clocks.forgets = true;
    const MessagePlan plan = plan_of(wrong, seed, kPeople, 30min);
    const PeopleResult with_right = run(met, plan, rules_of(right, seed, false));
    const PeopleResult with_wrong = run(met, plan, rules_of(wrong, seed, false));
    EXPECT_GT(did(with_wrong, "clocks", "forgotten"), 10);
    EXPECT_EQ(delivered(with_right), with_right.run.totals.messages_written);
    EXPECT_EQ(delivered(with_wrong), with_wrong.run.totals.messages_written);
    EXPECT_EQ(with_wrong.seen_twice, 0u);
  }
}

TEST(WrongClocks, give_an_absence_as_chaskid_believes_it) {
  WorldConfig config;
  World world(config);
  const NodeIndex exact = world.add_node();
  const NodeIndex forgetful = world.add_node();
  base::SeededRandom random(1);
  const auto away = [&](NodeIndex node, bool forgets, std::int64_t turned_s) {
    WrongClocks rules;
    rules.forgets = forgets;
    const std::vector<bool> wrong{true, true};
    WallClocks clocks(world, rules, wrong, random);
    world.set_power(node, false);
    clocks.outage_begins(node);
    world.run_for(100s);
    world.turn_wall_clock(node, turned_s);
    clocks.outage_ends(node);
    world.set_power(node, true);
  };
  // A message that lives for an hour; the node is off for 100 s of it.
  world.introduce(exact, forgetful);
  const auto left_after = [&](NodeIndex node, bool forgets, std::int64_t turned_s) {
    node::SendOptions options;
    options.lifetime_s = 3'600;
    const NodeIndex other = node == exact ? forgetful : exact;
    const auto id = world.send(node, other, "still here?", options);
    const auto envelope = world.store(node).people().find_message(id)->envelope;
    away(node, forgets, turned_s);
    base::Duration left{};
    while (world.look_at(node).router().holds(envelope) && left < 3h) {
      world.run_for(10s);
      left += 10s;
    }
    return left;
  };
  // Ages begin anywhere below a minute.
  EXPECT_NEAR(double(left_after(exact, false, 0) / 1s), 3'470, 45) << "the outage counts";
  EXPECT_NEAR(double(left_after(forgetful, true, 0) / 1s), 3'570, 45) << "nobody knows of it";
  EXPECT_EQ(world.wall_clock(forgetful) < 10'000, true) << "1970";
  EXPECT_NEAR(double(left_after(exact, false, -500) / 1s), 3'570, 45) << "back: it counts as none";
  EXPECT_LE(left_after(exact, false, 10'000), 10s) << "far ahead: it is over";
}

}  // namespace
}  // namespace chaski::sim
