// SPDX-License-Identifier: Apache-2.0
// Production nodes on contacts, told as a RunResult. Afraid of: a message that counts though nobody
// read it, one that is read twice, a run that another run of the same seed does not repeat.
#include "sim/people/people.hpp"

#include <gtest/gtest.h>

#include "sim/contacts/contact_trace.hpp"
#include "sim/contacts/oracle.hpp"
#include "sim/traffic/generators.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

constexpr base::Time at(base::Duration since) {
  return base::Time{} + since;
}

ContactTrace trace(std::uint32_t nodes, std::vector<Contact> contacts, base::Duration end) {
  return trace_of(contacts, nodes, at(end));
}

PeopleRules over_wifi() {
  PeopleRules rules;
  ContactLinkParameters links;
  links.model.bytes_per_s = 250'000;
  rules.links = links;
  return rules;
}

TEST(People, a_message_goes_from_hand_to_hand) {
  // 0 meets 1, later 1 meets 2: nobody else could carry it.
  const ContactTrace met = trace(3, {{at(10s), at(70s), 0, 1}, {at(600s), at(660s), 1, 2}}, 1h);
  const MessagePlan plan{{at(5s), 0, 2, 200, base::Duration::max(), ""},
                         {at(5s), 2, 0, 200, base::Duration::max(), ""},
                         {at(700s), 1, 2, 200, base::Duration::max(), ""}};
  for (const bool bluetooth : {false, true}) {
    SCOPED_TRACE(bluetooth ? "Bluetooth" : "Wi-Fi");
    PeopleRules rules = over_wifi();
    if (bluetooth) rules.links = BleParameters{};
    TraceSource source(met);
    const PeopleResult result = run_people(source, plan, rules);
    ASSERT_TRUE(result.run.outcomes[0].delivered);
    EXPECT_GT(*result.run.outcomes[0].delivered, at(600s));
    EXPECT_LT(*result.run.outcomes[0].delivered, at(660s));
    EXPECT_FALSE(result.run.outcomes[1].delivered) << "who has it met 0 before";
    EXPECT_FALSE(result.run.outcomes[2].delivered) << "they never met again";
    EXPECT_EQ(result.run.totals.messages_written, 3u);
    EXPECT_EQ(result.run.contacts, 2u);
    EXPECT_EQ(result.seen_twice, 0u);
    EXPECT_EQ(result.energy_mj.size(), bluetooth ? 3u : 0u);
  }
}

TEST(People, what_comes_after_its_lifetime_or_does_not_fit_does_not_count) {
  const ContactTrace met = trace(2, {{at(600s), at(900s), 0, 1}}, 1h);
  const MessagePlan plan{{at(0s), 0, 1, 200, 60s, ""}, {at(0s), 0, 1, 200, 2h, ""}};
  TraceSource source(met);
  const PeopleResult result = run_people(source, plan, over_wifi());
  EXPECT_FALSE(result.run.outcomes[0].delivered) << "the oracle does not deliver it either";
  EXPECT_TRUE(result.run.outcomes[1].delivered);

  PeopleRules small = over_wifi();
  small.store_bytes_max = 256'000;
  const MessagePlan large(40, {at(1s), 0, 1, 60'000, base::Duration::max(), ""});
  TraceSource again(met);
  const PeopleResult full = run_people(again, large, small);
  EXPECT_GT(full.not_written, 30u);
  EXPECT_EQ(full.not_written + full.run.totals.messages_written, 40u);
}

TEST(People, nothing_is_earlier_than_the_oracle_and_little_is_lost_to_it) {
  for (const auto seed : test::seeds(3)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    base::SeededRandom random(seed);
    std::vector<Contact> contacts;
    for (int i = 0; i < 400; ++i) {
      const auto a = static_cast<NodeIndex>(random.below(20));
      const auto b = static_cast<NodeIndex>(random.below(20));
      const base::Time begin = at(std::chrono::seconds(random.below(3'000)));
      if (a != b) contacts.push_back({begin, begin + 40s, std::min(a, b), std::max(a, b)});
    }
    const ContactTrace met = trace(20, merged(contacts), 1h);
    Rhythm rhythm;
    rhythm.until = at(30min);
    rhythm.interval_min = rhythm.interval_max = 20s;
    rhythm.size_min_bytes = rhythm.size_max_bytes = 300;
    const MessagePlan plan = one_to_one(random, rhythm, 20);

    TraceSource for_oracle(met);
    const RunResult best = run_oracle(for_oracle, plan);
    PeopleRules rules = over_wifi();
    rules.seed = seed;
    TraceSource source(met);
    const PeopleResult real = run_people(source, plan, rules);
    std::uint64_t oracle_delivered = 0;
    std::uint64_t delivered = 0;
    for (std::size_t i = 0; i < plan.size(); ++i) {
      oracle_delivered += best.outcomes[i].delivered ? 1u : 0u;
      delivered += real.run.outcomes[i].delivered ? 1u : 0u;
      if (!real.run.outcomes[i].delivered) continue;
      ASSERT_TRUE(best.outcomes[i].delivered) << i;
      EXPECT_GE(*real.run.outcomes[i].delivered, *best.outcomes[i].delivered) << i;
    }
    EXPECT_GT(oracle_delivered, plan.size() / 2);
    EXPECT_GE(delivered, oracle_delivered * 9 / 10);
    EXPECT_EQ(real.seen_twice, 0u);

    TraceSource again(met);
    const PeopleResult twice = run_people(again, plan, rules);
    EXPECT_EQ(twice.world_hash, real.world_hash) << "one seed, one history";
    EXPECT_EQ(twice.run.event_hash, real.run.event_hash);
  }
}

TEST(People, crashes_and_empty_batteries_lose_nothing_that_was_written) {
  for (const auto seed : test::seeds(2)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    // All meet all, all the time; the last 50 minutes are quiet enough for what was held up.
    std::vector<Contact> contacts;
    for (NodeIndex a = 0; a < 10; ++a) {
      for (NodeIndex b = a + 1; b < 10; ++b) contacts.push_back({at(0s), at(90min), a, b});
    }
    const ContactTrace met = trace(10, contacts, 90min);
    base::SeededRandom random(seed);
    Rhythm rhythm;
    rhythm.until = at(40min);
    rhythm.interval_min = rhythm.interval_max = 30s;
    rhythm.size_min_bytes = rhythm.size_max_bytes = 200;
    const MessagePlan plan = one_to_one(random, rhythm, 10);
    PeopleRules rules = over_wifi();
    rules.seed = seed;
    rules.faults.crashes_per_hour = 6;
    rules.faults.outages_per_hour = 1;
    TraceSource source(met);
    const PeopleResult result = run_people(source, plan, rules);
    std::uint64_t delivered = 0;
    for (const Outcome& outcome : result.run.outcomes) delivered += outcome.delivered ? 1u : 0u;
    EXPECT_EQ(delivered, result.run.totals.messages_written);
    EXPECT_EQ(delivered + result.not_written, plan.size());
    EXPECT_GT(result.crashes, 20u);
    EXPECT_EQ(result.seen_twice, 0u);
  }
}

}  // namespace
}  // namespace chaski::sim
