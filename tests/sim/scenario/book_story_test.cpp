// SPDX-License-Identifier: Apache-2.0
// The story of one message under a strategy of books. Afraid of: a story of another run than the
// one that is compared, a best path that is not its own, a reason that is not the one.
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "sim/scenario/story.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using mesh_router::Withheld;

base::Time at(double seconds) {
  return base::Time{
      std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds))};
}

PlannedMessage from_to(double when, NodeIndex from, NodeIndex to, std::uint32_t size = 100) {
  PlannedMessage message;
  message.at = at(when);
  message.from = from;
  message.to = to;
  message.size_bytes = size;
  return message;
}

Stage stage_of(const std::vector<Contact>& contacts, std::uint32_t nodes, double end,
               MessagePlan plan) {
  Stage stage;
  stage.contacts = trace_of(contacts, nodes, at(end));
  stage.plan = std::move(plan);
  return stage;
}

Scenario bit_rate(std::uint32_t bytes_per_s) {
  Scenario scenario;
  scenario.ideal.instant = false;
  scenario.ideal.bit_rate.bytes_per_s = bytes_per_s;
  return scenario;
}

/// 0 meets 1, who meets 2, who meets 3.
Stage chain(MessagePlan plan) {
  return stage_of({{at(10), at(20), 0, 1}, {at(30), at(40), 1, 2}, {at(50), at(60), 2, 3}}, 4, 70,
                  std::move(plan));
}

TEST(BookStory, EachStrategyGoesAsFarAsItMay) {
  const Stage stage = chain({from_to(5, 0, 3)});
  const auto copies = [&](std::string_view strategy) {
    const MessageStory story = story_of({}, stage, 0, strategy);
    EXPECT_EQ(story.run.strategy, strategy);
    EXPECT_FALSE(story.run.production);
    EXPECT_EQ(story.best.size(), 3);
    return story.run.result.trail.copies.size();
  };
  EXPECT_EQ(copies("direct"), 1);
  EXPECT_EQ(copies("two-hop"), 2);
  EXPECT_EQ(copies("spray-2"), 2);
  EXPECT_EQ(copies("spray-source-9"), 2);
  EXPECT_EQ(copies("spray-8"), 4);
  EXPECT_EQ(copies("epidemic"), 4);
}

TEST(BookStory, SaysWhoHadItWhenAndWhatWasInTheWay) {
  const MessageStory story = story_of({}, chain({from_to(5, 0, 3)}), 0, "spray-2");
  const Trail& trail = story.run.result.trail;
  ASSERT_EQ(trail.copies.size(), 2);
  EXPECT_EQ(trail.copies[1].since, at(10));
  EXPECT_EQ(trail.copies[1].node, 1);
  EXPECT_EQ(trail.copies[1].end, CopyEnd::held);
  ASSERT_EQ(trail.contacts.size(), 3);
  EXPECT_FALSE(trail.contacts[0].withheld);
  EXPECT_EQ(trail.contacts[1].withheld, Withheld::policy);
  EXPECT_FALSE(trail.contacts[2].withheld) << "2 had nothing to withhold";
}

TEST(BookStory, ABitRateMakesOthersWait) {
  const Stage stage = chain({from_to(4, 0, 1, 60'000), from_to(5, 0, 3, 60'000)});
  const MessageStory slow = story_of(bit_rate(5'000), stage, 1, "epidemic");
  EXPECT_EQ(slow.run.result.trail.contacts[0].withheld, Withheld::queued);
  const MessageStory fair = story_of(bit_rate(10'000), stage, 1, "epidemic");
  EXPECT_EQ(fair.run.result.trail.contacts[0].withheld, Withheld::on_its_way);
  const MessageStory quick = story_of(bit_rate(20'000), stage, 1, "epidemic");
  EXPECT_EQ(quick.run.result.outcomes[1].delivered, at(53));
}

/// Whatever happens: the story is of the run that is compared, beside the oracle's.
TEST(BookStory, OfAnyWorldIsThatOfItsRun) {
  const std::string strategies[] = {"direct", "epidemic", "two-hop", "prophet", "spray-4"};
  for (const std::uint64_t seed : test::seeds(40)) {
    SCOPED_TRACE(seed);
    base::SeededRandom random(seed);
    Scenario scenario = bit_rate(200);
    scenario.ideal.instant = seed % 2 == 0;
    std::vector<Contact> contacts;
    for (int i = 0; i < 60; ++i) {
      const auto a = static_cast<NodeIndex>(random.below(7));
      const auto b = a + 1 + static_cast<NodeIndex>(random.below(7 - a));
      const auto begin = static_cast<double>(random.below(600));
      contacts.push_back({at(begin), at(begin + static_cast<double>(random.below(60))), a, b});
    }
    MessagePlan plan;
    for (int i = 0; i < 12; ++i) {
      const auto from = static_cast<NodeIndex>(random.below(8));
      const auto to = static_cast<NodeIndex>((from + 1 + random.below(7)) % 8);
      plan.push_back(from_to(10.0 * i, from, to, 1'000));
    }
    const Stage stage = stage_of(merged(contacts), 8, 700, plan);
    const std::string& strategy = strategies[seed / 2 % std::size(strategies)];
    const RunResult run = run_strategy(scenario, stage, strategy).result;
    const RunResult best = run_best(stage).result;
    for (std::size_t message = 0; message < plan.size(); ++message) {
      const MessageStory story = story_of(scenario, stage, message, strategy);
      const RunResult& told = story.run.result;
      EXPECT_EQ(told.event_hash, run.event_hash) << "watching changed the world";
      EXPECT_EQ(told.outcomes[message].delivered, run.outcomes[message].delivered);
      EXPECT_EQ(story.best.empty(), !best.outcomes[message].delivered.has_value());
      ASSERT_EQ(told.trail.contacts.size(), story.best.size());
      for (const TrailContact& contact : told.trail.contacts) {
        const auto crossed = [&](const TrailCopy& copy) {
          return copy.node == contact.to && copy.from &&
                 told.trail.copies[*copy.from].node == contact.from &&
                 contact.begin <= copy.since && copy.since <= contact.end;
        };
        if (!contact.withheld) continue;
        EXPECT_TRUE(std::none_of(told.trail.copies.begin(), told.trail.copies.end(), crossed))
            << to_string(*contact.withheld);
      }
    }
  }
}

}  // namespace
}  // namespace chaski::sim
