// SPDX-License-Identifier: Apache-2.0
// The story of one message. Afraid of: a run that is another for being watched, a way that nobody
// went, a reason that is not the one.
#include "sim/scenario/story.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/random.hpp"
#include "tests/seeds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

base::Time at(double seconds) {
  return base::Time{
      std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds))};
}

/// Who meets whom; links are there 100 ms after the contact.
Stage stage_of(const std::vector<Contact>& contacts, std::uint32_t nodes, double end,
               MessagePlan plan) {
  Stage stage;
  stage.contacts = trace_of(contacts, nodes, at(end));
  stage.plan = std::move(plan);
  return stage;
}

Scenario wifi() {
  Scenario scenario;
  scenario.links = ContactLinkParameters{};
  return scenario;
}

PlannedMessage from_to(double when, NodeIndex from, NodeIndex to, std::uint32_t size = 100,
                       base::Duration lifetime = base::Duration::max()) {
  PlannedMessage message;
  message.at = at(when);
  message.from = from;
  message.to = to;
  message.size_bytes = size;
  message.lifetime = lifetime;
  return message;
}

const Trail& trail_of(const MessageStory& story) {
  return story.run.result.trail;
}

/// Pairs of nodes along the way of the copy that was read.
std::vector<std::pair<NodeIndex, NodeIndex>> way(const Trail& trail) {
  std::vector<std::pair<NodeIndex, NodeIndex>> hops;
  if (!trail.first) return hops;
  for (const std::size_t copy : way_of(trail, *trail.first)) {
    const TrailCopy& one = trail.copies[copy];
    if (one.from) hops.emplace_back(trail.copies[*one.from].node, one.node);
  }
  return hops;
}

TEST(Story, AMessageIsSeenAtEachOfItsCarriers) {
  const Stage stage =
      stage_of({{at(10), at(20), 0, 1}, {at(30), at(40), 1, 2}, {at(50), at(60), 0, 1}}, 4, 70,
               {from_to(5, 0, 2), from_to(6, 2, 0)});
  const MessageStory story = story_of(wifi(), stage, 0);
  ASSERT_EQ(story.best.size(), 2);
  EXPECT_EQ(story.best[0], (PathHop{0, 1, at(10)}));
  EXPECT_EQ(story.best[1], (PathHop{1, 2, at(30)}));
  const Trail& trail = trail_of(story);
  EXPECT_EQ(trail.not_written, "");
  ASSERT_EQ(way(trail), (std::vector<std::pair<NodeIndex, NodeIndex>>{{0, 1}, {1, 2}}));
  ASSERT_EQ(trail.copies.size(), 3) << "3 met nobody";
  EXPECT_EQ(trail.copies[0].since, at(5));
  EXPECT_GT(trail.copies[1].since, at(10.1));
  EXPECT_LT(trail.copies[1].since, at(11));
  EXPECT_GT(trail.copies[2].since, at(30.1));
  EXPECT_LT(trail.copies[2].since, at(31));
  EXPECT_EQ(trail.copies[2].end, CopyEnd::read);
  EXPECT_EQ(trail.copies[1].end, CopyEnd::delivered);
  EXPECT_LT(*trail.copies[1].until, at(40)) << "its reader told it";
  EXPECT_EQ(trail.copies[0].end, CopyEnd::delivered);
  EXPECT_GT(*trail.copies[0].until, at(50)) << "which it heard when they met again";
  for (const TrailContact& contact : trail.contacts) {
    EXPECT_GE(*contact.linked, contact.begin + 100ms);
    EXPECT_FALSE(contact.off.has_value());
  }
}

TEST(Story, SaysWhatWasInTheWay) {
  // Too short to link; with a link, but the message came too late to 1; never to 3.
  const Stage stage = stage_of({{at(10), at(10.05), 0, 1},
                                {at(20), at(30), 1, 2},
                                {at(40), at(50), 0, 1},
                                {at(60), at(70), 2, 3}},
                               4, 100, {from_to(5, 0, 3)});
  const MessageStory story = story_of(wifi(), stage, 0);
  ASSERT_EQ(story.best.size(), 3);
  const Trail& trail = trail_of(story);
  EXPECT_FALSE(trail.first.has_value());
  ASSERT_EQ(trail.contacts.size(), 3);
  EXPECT_FALSE(trail.contacts[0].linked.has_value());
  EXPECT_EQ(trail.contacts[0].end, at(10.05));
  EXPECT_TRUE(trail.contacts[1].linked.has_value());
  EXPECT_FALSE(trail.contacts[1].withheld.has_value()) << "1 had nothing to withhold";
  ASSERT_EQ(trail.copies.size(), 2);
  EXPECT_EQ(trail.copies[1].node, 1);
  EXPECT_GT(trail.copies[1].since, at(40));
  EXPECT_EQ(trail.copies[1].end, CopyEnd::held);
  EXPECT_FALSE(trail.copies[1].until.has_value());
}

TEST(Story, ARouterSaysWhyItDidNotGo) {
  // The link is so slow that the first takes all of the contact.
  Scenario scenario = wifi();
  std::get<ContactLinkParameters>(scenario.links).model.bytes_per_s = 2'000;
  const Stage stage = stage_of({{at(10), at(30), 0, 1}, {at(40), at(50), 1, 2}}, 3, 60,
                               {from_to(4, 0, 2, 60'000), from_to(5, 0, 2, 60'000)});
  const MessageStory story = story_of(scenario, stage, 1);
  const Trail& trail = trail_of(story);
  ASSERT_EQ(trail.contacts.size(), 2);
  EXPECT_TRUE(trail.contacts[0].linked.has_value());
  ASSERT_TRUE(trail.contacts[0].withheld.has_value());
  EXPECT_TRUE(*trail.contacts[0].withheld == mesh_router::Withheld::queued ||
              *trail.contacts[0].withheld == mesh_router::Withheld::on_its_way ||
              *trail.contacts[0].withheld == mesh_router::Withheld::transfer_place)
      << to_string(*trail.contacts[0].withheld);
  EXPECT_EQ(trail.copies.size(), 1);
}

TEST(Story, AFullStoreRefuses) {
  Scenario scenario = wifi();
  scenario.store_bytes_max = 300'000;
  MessagePlan plan;
  for (int i = 0; i < 8; ++i) plan.push_back(from_to(1 + i, i < 4 ? 0 : 3, 2, 60'000));
  const Stage stage = stage_of(
      {{at(20), at(60), 0, 1}, {at(70), at(110), 1, 3}, {at(120), at(160), 1, 2}}, 4, 170, plan);
  std::uint32_t refused = 0;
  for (std::size_t message = 0; message < plan.size(); ++message) {
    const MessageStory story = story_of(scenario, stage, message);
    const Trail& trail = trail_of(story);
    if (trail.first) continue;
    for (const TrailContact& contact : trail.contacts) {
      if (contact.withheld == mesh_router::Withheld::refused) ++refused;
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(Story, AFullStoreLetsGoOfWhatOthersTook) {
  Scenario scenario = wifi();
  scenario.store_bytes_max = 400'000;
  // 1 carries three of 0, gives them to 2 and 3, and then 4 and 6 bring more than there is room
  // for.
  MessagePlan plan;
  for (int i = 0; i < 3; ++i) plan.push_back(from_to(1 + i, 0, 5, 60'000));
  for (int i = 0; i < 3; ++i) plan.push_back(from_to(5 + i, 4, 5, 60'000));
  for (int i = 0; i < 3; ++i) plan.push_back(from_to(9 + i, 6, 5, 60'000));
  const Stage stage = stage_of({{at(20), at(60), 0, 1},
                                {at(70), at(110), 1, 2},
                                {at(120), at(160), 1, 3},
                                {at(170), at(210), 1, 4},
                                {at(220), at(260), 1, 6}},
                               7, 270, plan);
  int displaced = 0;
  for (std::size_t message = 0; message < 3; ++message) {
    const MessageStory story = story_of(scenario, stage, message);
    for (const TrailCopy& copy : trail_of(story).copies) {
      if (copy.end != CopyEnd::displaced) continue;
      ++displaced;
      EXPECT_EQ(copy.node, 1);
      EXPECT_GT(*copy.until, at(170));
    }
  }
  EXPECT_GT(displaced, 0);
}

TEST(Story, WhatGrowsOldIsLetGo) {
  const Stage stage = stage_of({{at(10), at(20), 0, 1}, {at(90'000), at(90'010), 1, 2}}, 3, 90'050,
                               {from_to(5, 0, 2, 100, 60s)});
  const MessageStory story = story_of(wifi(), stage, 0);
  EXPECT_TRUE(story.best.empty());
  const Trail& trail = trail_of(story);
  EXPECT_FALSE(trail.first.has_value());
  ASSERT_EQ(trail.copies.size(), 2);
  for (const TrailCopy& copy : trail.copies) EXPECT_EQ(copy.end, CopyEnd::expired);
}

TEST(Story, AnAuthorWhoIsOffWritesNothing) {
  Scenario scenario = wifi();
  scenario.faults.outages_per_hour = 3'000;
  scenario.faults.outage = 10h;
  const Stage stage =
      stage_of({{at(500), at(510), 0, 1}}, 2, 600, {from_to(400, 0, 1), from_to(401, 1, 0)});
  const MessageStory story = story_of(scenario, stage, 0);
  EXPECT_EQ(trail_of(story).not_written, "its author was off");
  EXPECT_TRUE(trail_of(story).copies.empty());
}

/// Whatever happens: what is told of it can have been, and telling changes nothing.
TEST(Story, OfAnyWorldIsOneThatCanBe) {
  for (const std::uint64_t seed : test::seeds(12)) {
    SCOPED_TRACE(seed);
    base::SeededRandom random(seed);
    Scenario scenario = wifi();
    scenario.seed = seed;
    if (seed % 3 == 0) scenario.links = BleParameters{};
    if (seed % 2 == 0) scenario.faults.crashes_per_hour = 60;
    std::vector<Contact> contacts;
    for (int i = 0; i < 40; ++i) {
      const auto x = static_cast<NodeIndex>(random.below(8));
      const auto y = static_cast<NodeIndex>(random.below(8));
      const double begin = static_cast<double>(random.below(600));
      if (x == y) continue;
      contacts.push_back({at(begin), at(begin + 1 + static_cast<double>(random.below(60))),
                          std::min(x, y), std::max(x, y)});
    }
    MessagePlan plan;
    for (int i = 0; i < 10; ++i) {
      const auto from = static_cast<NodeIndex>(random.below(8));
      plan.push_back(
          from_to(10.0 * i, from, static_cast<NodeIndex>((from + 1 + random.below(7)) % 8)));
    }
    const Stage stage = stage_of(merged(contacts), 8, 700, plan);
    const std::vector<Contact> met = contacts_of(stage.contacts);
    const std::uint64_t hash =
        run_strategy(scenario, stage, std::string(kProduction)).people.world_hash;
    const RunResult best = run_best(stage).result;
    for (std::size_t message = 0; message < plan.size(); message += 3) {
      const MessageStory story = story_of(scenario, stage, message);
      const Trail& trail = trail_of(story);
      EXPECT_EQ(story.run.people.world_hash, hash) << "watching changed the world";
      EXPECT_EQ(story.best.empty(), !best.outcomes[message].delivered.has_value());
      const auto& delivered = story.run.result.outcomes[message].delivered;
      ASSERT_EQ(trail.first.has_value(), delivered.has_value());
      if (trail.not_written.empty()) {
        ASSERT_FALSE(trail.copies.empty());
        EXPECT_EQ(trail.copies[0].node, plan[message].from);
      }
      for (std::size_t i = 1; i < trail.copies.size(); ++i) {
        const TrailCopy& copy = trail.copies[i];
        ASSERT_TRUE(copy.from.has_value());
        ASSERT_LT(*copy.from, i);
        const TrailCopy& giver = trail.copies[*copy.from];
        EXPECT_GE(copy.since, giver.since);
        const auto [a, b] = std::minmax(giver.node, copy.node);
        // Links outlive contacts by the time until they are noticed to be over.
        EXPECT_TRUE(std::any_of(met.begin(), met.end(),
                                [&](const Contact& contact) {
                                  return contact.a == a && contact.b == b &&
                                         contact.begin <= copy.since &&
                                         copy.since <= contact.end + 10s;
                                }))
            << giver.node << " " << copy.node;
      }
      // What is counted of every message is what is seen of this one.
      const Outcome& outcome = story.run.result.outcomes[message];
      std::set<NodeIndex> carriers;
      for (const TrailCopy& copy : trail.copies) carriers.insert(copy.node);
      carriers.erase(plan[message].to);
      EXPECT_EQ(outcome.carriers, std::max<std::size_t>(1, carriers.size()));
      if (!delivered) {
        EXPECT_EQ(outcome.hops, 0);
        continue;
      }
      // In a crash a way may be lost, and the next one be as long or not.
      if (scenario.faults.crashes_per_hour == 0) {
        EXPECT_EQ(outcome.hops, way(trail).size());
      }
      EXPECT_GE(outcome.hops, 1);
      EXPECT_EQ(trail.copies[*trail.first].node, plan[message].to);
      EXPECT_LE(trail.copies[*trail.first].since, *delivered);
      EXPECT_GE(*delivered, *best.outcomes[message].delivered);
    }
  }
}

}  // namespace
}  // namespace chaski::sim
