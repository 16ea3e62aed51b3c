// SPDX-License-Identifier: Apache-2.0
// Afraid of: a plan that favours somebody, and one that is nearly The ONE's.
#include "sim/traffic/generators.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/traffic/java_random.hpp"
#include "sim/traffic/message_event_generator.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

Rhythm dense() {
  Rhythm rhythm;
  rhythm.from = base::Time{} + 100s;
  rhythm.until = base::Time{} + 50'100s;
  rhythm.interval_min = 1s;
  rhythm.interval_max = 3s;
  rhythm.size_min_bytes = 10;
  rhythm.size_max_bytes = 19;
  rhythm.lifetime = 7s;
  return rhythm;
}

/// Pearson's statistic; its mean is the number of cells less one, its deviation sqrt(2 of that).
double chi_square(const std::vector<double>& counts, double expected) {
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

void expect_uniform(const std::vector<double>& counts) {
  double total = 0;
  for (const double count : counts) total += count;
  const double freedom = static_cast<double>(counts.size()) - 1;
  const double statistic = chi_square(counts, total / static_cast<double>(counts.size()));
  EXPECT_NEAR(statistic, freedom, 4 * std::sqrt(2 * freedom));
}

TEST(Generators, OneToOneIsUniformInWhoWritesToWhomHowMuchAndWhen) {
  base::SeededRandom random(7);
  const MessagePlan plan = one_to_one(random, dense(), 10);
  ASSERT_NEAR(static_cast<double>(plan.size()), 25'000, 4 * std::sqrt(25'000.0 / 12));
  std::vector<double> pairs(90);
  std::vector<double> sizes(10);
  std::vector<double> waits(20);
  base::Time last = dense().from;
  for (const PlannedMessage& message : plan) {
    ASSERT_NE(message.from, message.to);
    ++pairs.at(message.from * 9 + message.to - (message.to > message.from ? 1 : 0));
    ++sizes.at(message.size_bytes - 10);
    const auto wait = message.at - last;
    ASSERT_GE(wait, 1s);
    ASSERT_LE(wait, 3s);
    ++waits.at(std::min<std::size_t>(19, static_cast<std::size_t>((wait - 1s) / 100ms)));
    EXPECT_EQ(message.lifetime, 7s);
    last = message.at;
  }
  EXPECT_LE(last, dense().until);
  expect_uniform(pairs);
  expect_uniform(sizes);
  expect_uniform(waits);
}

TEST(Generators, OneSeedIsOnePlan) {
  base::SeededRandom first(3);
  base::SeededRandom again(3);
  base::SeededRandom other(4);
  const MessagePlan plan = one_to_one(first, dense(), 10);
  const MessagePlan replay = one_to_one(again, dense(), 10);
  const MessagePlan another = one_to_one(other, dense(), 10);
  const auto same = [](const PlannedMessage& a, const PlannedMessage& b) {
    return a.at == b.at && a.from == b.from && a.to == b.to && a.size_bytes == b.size_bytes;
  };
  EXPECT_TRUE(std::equal(plan.begin(), plan.end(), replay.begin(), replay.end(), same));
  EXPECT_FALSE(std::equal(plan.begin(), plan.end(), another.begin(), another.end(), same));
}

TEST(Generators, RandomContactsAreSoManyOthersEachWithEqualChance) {
  base::SeededRandom random(5);
  std::vector<double> chosen(12);
  for (int i = 0; i < 500; ++i) {
    const SocialGraph graph = random_contacts(random, 12, 4);
    for (NodeIndex node = 0; node < 12; ++node) {
      ASSERT_EQ(graph[node].size(), 4u);
      EXPECT_EQ(std::set<NodeIndex>(graph[node].begin(), graph[node].end()).size(), 4u);
      for (const NodeIndex other : graph[node]) {
        ASSERT_LT(other, 12u);
        ASSERT_NE(other, node);
        if (node == 0) ++chosen[other];
      }
    }
  }
  chosen.erase(chosen.begin());
  expect_uniform(chosen);
  EXPECT_EQ(random_contacts(random, 3, 2)[1], (std::vector<NodeIndex>{0, 2}));
}

TEST(Generators, NearestContactsAreTheNearest) {
  const SocialGraph graph = nearest_contacts({{0, 0}, {1, 0}, {3, 0}, {3, 1}, {9, 9}}, 2);
  EXPECT_EQ(graph[0], (std::vector<NodeIndex>{1, 2}));
  EXPECT_EQ(graph[2], (std::vector<NodeIndex>{1, 3}));
  EXPECT_EQ(graph[4], (std::vector<NodeIndex>{2, 3}));
  // Two that are as near as each other: the smaller number.
  EXPECT_EQ(nearest_contacts({{0, 0}, {1, 0}, {-1, 0}}, 1)[0], (std::vector<NodeIndex>{1}));
}

TEST(Generators, NearestContactsAreThoseOfBruteForce) {
  base::SeededRandom random(11);
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    // Crowds, a line, many at one place: what a grid may get wrong.
    std::vector<Home> homes(5 + random.below(120));
    const double wide = round % 3 == 0 ? 0 : 1'000;
    for (Home& home : homes) {
      home = {100 * random.unit() - 50, wide * random.unit()};
      if (random.below(4) == 0) home = {3, 3};
      if (round % 4 == 1) home = {std::floor(home.x / 10), std::floor(home.y / 100)};
    }
    const auto contacts =
        static_cast<std::uint32_t>(random.below(std::min<std::size_t>(6, homes.size())));
    const SocialGraph graph = nearest_contacts(homes, contacts);
    for (NodeIndex node = 0; node < homes.size(); ++node) {
      std::vector<std::pair<double, NodeIndex>> others;
      for (NodeIndex other = 0; other < homes.size(); ++other) {
        const double dx = homes[other].x - homes[node].x;
        const double dy = homes[other].y - homes[node].y;
        if (other != node) others.emplace_back(dx * dx + dy * dy, other);
      }
      std::sort(others.begin(), others.end());
      std::vector<NodeIndex> nearest;
      for (std::uint32_t i = 0; i < contacts; ++i) nearest.push_back(others[i].second);
      std::sort(nearest.begin(), nearest.end());
      ASSERT_EQ(graph[node], nearest) << node;
    }
  }
}

TEST(Generators, AmongContactsKeepsToTheGraph) {
  base::SeededRandom random(6);
  const SocialGraph graph = {{1, 2}, {}, {0}};
  const MessagePlan plan = among_contacts(random, dense(), graph);
  std::set<std::pair<NodeIndex, NodeIndex>> seen;
  for (const PlannedMessage& message : plan) seen.insert({message.from, message.to});
  EXPECT_EQ(seen, (std::set<std::pair<NodeIndex, NodeIndex>>{{0, 1}, {0, 2}, {2, 0}}));
  EXPECT_TRUE(among_contacts(random, dense(), SocialGraph(3)).empty());
}

TEST(Generators, GroupsAndBroadcastsReachEachMemberOnceWithOneSize) {
  base::SeededRandom random(6);
  const MessagePlan groups = to_groups(random, dense(), {{1, 2}, {0, 2}, {0, 1}});
  ASSERT_EQ(groups.size() % 2, 0u);
  for (std::size_t i = 0; i < groups.size(); i += 2) {
    EXPECT_EQ(groups[i].at, groups[i + 1].at);
    EXPECT_EQ(groups[i].from, groups[i + 1].from);
    EXPECT_EQ(groups[i].size_bytes, groups[i + 1].size_bytes);
    EXPECT_EQ(groups[i].from + groups[i].to + groups[i + 1].to, 3u);
    EXPECT_LT(groups[i].to, groups[i + 1].to);
    EXPECT_EQ(groups[i].group, i / 2);
    EXPECT_EQ(groups[i + 1].group, i / 2);
  }
  const MessagePlan all = broadcasts(random, dense(), 5);
  ASSERT_EQ(all.size() % 4, 0u);
  for (std::size_t i = 0; i < all.size(); i += 4) {
    std::set<NodeIndex> everybody = {all[i].from};
    for (std::size_t j = i; j < i + 4; ++j) everybody.insert(all[j].to);
    EXPECT_EQ(everybody.size(), 5u);
    EXPECT_EQ(all[i].group, i / 4);
    EXPECT_EQ(all[i + 3].group, i / 4);
  }
  for (const PlannedMessage& message : one_to_one(random, dense(), 5)) {
    ASSERT_FALSE(message.group);
  }
}

TEST(Generators, SomeAreDrawnWithEqualChanceAndAloneWriteToEverybody) {
  base::SeededRandom random(8);
  std::vector<double> drawn(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto some = some_of(random, 7, 3);
    ASSERT_EQ(some.size(), 3u);
    ASSERT_TRUE(some[0] < some[1] && some[1] < some[2] && some[2] < 7);
    for (const NodeIndex one : some) ++drawn[one];
  }
  // Draws without replacement vary less than those that the statistic is of.
  EXPECT_LT(chi_square(drawn, 60'000.0 / 7), 6 + 4 * std::sqrt(12.0));
  EXPECT_EQ(some_of(random, 4, 4), (std::vector<NodeIndex>{0, 1, 2, 3}));
  std::vector<double> wrote(2);
  for (const PlannedMessage& message : broadcasts(random, dense(), 5, {1, 4})) {
    ASSERT_TRUE(message.from == 1 || message.from == 4);
    wrote[message.from / 4] += .25;  // four messages an event
  }
  expect_uniform(wrote);
}

// What java.util.Random, Collections.shuffle and String.hashCode of OpenJDK 17 gave.
TEST(JavaRandom, GivesJavasNumbers) {
  JavaRandom random(-5);
  EXPECT_EQ(random.below(64), 17u);
  EXPECT_EQ(random.below(1u << 30), 390'233'360u);
  EXPECT_EQ(random.below((1u << 30) + 1), 717'457'953u);
  EXPECT_EQ(random.below(3), 0u);
  EXPECT_EQ(random.below((1u << 30) + 7), 817'965'352u);
  std::vector<int> twelve = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  JavaRandom(4'711).shuffle(twelve);
  EXPECT_EQ(twelve, (std::vector<int>{3, 5, 0, 7, 6, 11, 4, 9, 2, 1, 8, 10}));
  EXPECT_EQ(java_hash("M1042"), 72'618'666);
  EXPECT_EQ(java_hash("message-of-a-long-name"), 474'805'344);
  EXPECT_EQ(java_hash(""), 0);
}

// The first messages of The ONE's default settings, by the same draws in Java.
TEST(MessageEvents, AreTheOnesMessageByMessage) {
  const auto plan = message_events({});
  ASSERT_TRUE(plan.has_value());
  struct Row {
    int at_s;
    NodeIndex from;
    NodeIndex to;
    std::uint32_t size;
  };
  const std::vector<Row> rows = {{32, 14, 13, 618'834},   {58, 76, 110, 977'273},
                                 {84, 123, 6, 968'122},   {112, 94, 96, 523'257},
                                 {144, 54, 101, 874'671}, {170, 33, 90, 661'032}};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const PlannedMessage& message = plan->at(i);
    EXPECT_EQ(message.at, base::Time{} + std::chrono::seconds(rows[i].at_s));
    EXPECT_EQ(message.from, rows[i].from);
    EXPECT_EQ(message.to, rows[i].to);
    EXPECT_EQ(message.size_bytes, rows[i].size);
    EXPECT_EQ(message.name, "M" + std::to_string(i + 1));
  }
  EXPECT_LE(plan->back().at, base::Time{} + 43'200s);
  EXPECT_GT(plan->back().at, base::Time{} + 43'165s);
}

TEST(MessageEvents, RangesAreKeptAndTheSeedMayBeAnother) {
  MessageEvents settings;
  settings.hosts = {3, 5};
  settings.to_hosts = NodeRange{4, 7};
  settings.size_min_bytes = settings.size_max_bytes = 77;
  settings.interval_min_s = settings.interval_max_s = 10;
  settings.from_s = 1'000;
  settings.until_s = 3'000;
  settings.prefix = "X";
  settings.seed = 9;
  const auto plan = message_events(settings);
  ASSERT_TRUE(plan.has_value());
  ASSERT_EQ(plan->size(), 200u);
  EXPECT_EQ(plan->front().at, base::Time{} + 1'010s);
  EXPECT_EQ(plan->back().at, base::Time{} + 3'000s);
  std::set<std::pair<NodeIndex, NodeIndex>> pairs;
  for (const PlannedMessage& message : *plan) {
    EXPECT_EQ(message.size_bytes, 77u);
    pairs.insert({message.from, message.to});
  }
  EXPECT_EQ(pairs,
            (std::set<std::pair<NodeIndex, NodeIndex>>{{3, 4}, {3, 5}, {3, 6}, {4, 5}, {4, 6}}));
}

TEST(MessageEvents, WhatCannotBePlannedIsRefused) {
  MessageEvents settings;
  settings.interval_min_s = 0;
  settings.interval_max_s = 1;
  EXPECT_EQ(message_events(settings).error(), MessageEventsError::interval);
  settings = {};
  settings.interval_max_s = 24;
  EXPECT_EQ(message_events(settings).error(), MessageEventsError::interval);
  settings = {};
  settings.size_max_bytes = 1;
  EXPECT_EQ(message_events(settings).error(), MessageEventsError::size);
  settings = {};
  settings.hosts = {4, 5};
  EXPECT_EQ(message_events(settings).error(), MessageEventsError::hosts);
  settings.hosts = {3, 9};
  settings.to_hosts = NodeRange{4, 5};  // whom would 4 write to?
  EXPECT_EQ(message_events(settings).error(), MessageEventsError::hosts);
}

}  // namespace
}  // namespace chaski::sim
