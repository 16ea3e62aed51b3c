// SPDX-License-Identifier: Apache-2.0
// What is recorded of runs over ideal links. Afraid of: a run that is another for being recorded, a
// series that says other than the copies do, copies out of nothing, a reason that is not the one.
#include "sim/ideal/recorder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/ideal/bit_rate_world.hpp"
#include "sim/ideal/instant_world.hpp"
#include "tests/seeds.hpp"
#include "tests/sim/ideal/worlds.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;
using mesh_router::Withheld;
using Kind = Strategy::Kind;

constexpr Kind kAll[] = {Kind::direct,       Kind::epidemic,     Kind::two_hop,
                         Kind::spray_binary, Kind::spray_source, Kind::prophet};

/// A world of either kind with rules at random, to play again and again.
struct Play {
  explicit Play(std::uint64_t seed)
      : contacts(random_contacts_of(shape(), seed)), plan(random_plan_of(shape(), seed)) {
    instant = seed % 2 == 0;
    rules.strategy.kind = kAll[seed / 2 % std::size(kAll)];
    rules.strategy.copies = static_cast<std::uint16_t>(2 + seed % 5);
    rules.bytes_per_s = 1'000;
    rules.buffer_bytes = seed % 3 == 0 ? BitRateRules::kUnbounded : 20'000;
    rules.delete_delivered = seed % 5 == 1;
    rules.update_interval = seed % 7 == 0 ? 0ms : 100ms;
    for (PlannedMessage& planned : plan) {
      if (seed % 4 > 1) planned.lifetime = 6min;
    }
  }
  static RandomWorld shape() { return {.nodes = 9, .end_s = 1'000, .messages = 16}; }

  RunResult run(const Recording& record = {}) {
    contacts.rewind();
    if (!instant) return BitRateWorld(contacts, plan, rules, record).run();
    const InstantRules given{.strategy = rules.strategy, .buffer_bytes = rules.buffer_bytes};
    return InstantWorld(contacts, plan, given, record).run();
  }
  RunResult follow(std::size_t message) {
    return run({.follow = TrailRequest{.message = message, .contacts = {}}});
  }
  bool met(NodeIndex a, NodeIndex b, base::Time at) const {
    bool up = false;
    bool then = false;
    for (const ContactChange& change : contacts.changes()) {
      if (change.at > at) break;
      if (std::minmax(change.a, change.b) != std::minmax(a, b)) continue;
      then = up || change.up;
      up = change.up;
      if (change.at < at) then = up;
    }
    return then;
  }

  ListedContacts contacts;
  MessagePlan plan;
  bool instant = false;
  BitRateRules rules;
};

void expect_same(const RunResult& a, const RunResult& b) {
  EXPECT_EQ(a.event_hash, b.event_hash);
  EXPECT_EQ(a.totals.transfers_ended, b.totals.transfers_ended);
  EXPECT_EQ(a.totals.transfers_aborted, b.totals.transfers_aborted);
  EXPECT_EQ(a.totals.copies_dropped, b.totals.copies_dropped);
  EXPECT_EQ(a.held_for, b.held_for);
}

/// What can be: each copy is made of one that is there, where there is contact.
void expect_possible(const Play& play, std::size_t message, const RunResult& result) {
  const Trail& trail = result.trail;
  const Outcome& outcome = result.outcomes[message];
  EXPECT_EQ(trail.first.has_value(), outcome.delivered.has_value());
  std::set<NodeIndex> carriers;
  for (std::size_t i = 0; i < trail.copies.size(); ++i) {
    const TrailCopy& copy = trail.copies[i];
    EXPECT_EQ(copy.from.has_value(), i > 0);
    EXPECT_EQ(copy.until.has_value(), copy.end != CopyEnd::held);
    if (copy.end != CopyEnd::read) carriers.insert(copy.node);
    if (i == 0) {
      EXPECT_EQ(copy.node, play.plan[message].from);
      EXPECT_EQ(copy.since, play.plan[message].at);
      continue;
    }
    const TrailCopy& giver = trail.copies.at(*copy.from);
    EXPECT_LT(*copy.from, i);
    EXPECT_GE(copy.since, giver.since);
    EXPECT_LE(copy.since, giver.until.value_or(base::Time::max()));
    EXPECT_TRUE(play.met(giver.node, copy.node, copy.since)) << giver.node << " " << copy.node;
  }
  EXPECT_EQ(outcome.carriers, std::max<std::size_t>(1, carriers.size()));
  if (!trail.first) return;
  const TrailCopy& read = trail.copies[*trail.first];
  EXPECT_EQ(read.node, play.plan[message].to);
  EXPECT_EQ(read.end, CopyEnd::read);
  EXPECT_EQ(read.since, *outcome.delivered);
  EXPECT_EQ(way_of(trail, *trail.first).size(), outcome.hops + 1);
}

TEST(Recorder, SeriesAndCopiesSayTheSame) {
  std::map<CopyEnd, std::uint64_t> of_all;
  for (const std::uint64_t seed : test::seeds(48)) {
    SCOPED_TRACE(seed);
    Play play(seed);
    const RunResult plain = play.run();
    EXPECT_TRUE(plain.series.empty() && plain.spread.empty() && plain.trail.copies.empty());
    const auto messages = static_cast<std::uint32_t>(play.plan.size());
    std::vector<std::pair<base::Time, std::uint64_t>> progress;
    const RunResult seen =
        play.run({.series = true, .watched = messages, .progress = [&](auto at, auto delivered) {
                    progress.emplace_back(at, delivered);
                  }});
    expect_same(seen, plain);
    ASSERT_EQ(seen.spread.size(), messages);

    std::map<CopyEnd, std::uint64_t> ends;
    std::uint64_t crossed = 0;
    std::vector<RunMoment> counted(seen.series.size());
    for (std::size_t message = 0; message < messages; ++message) {
      SCOPED_TRACE(message);
      const RunResult followed = play.follow(message);
      expect_same(followed, plain);
      expect_possible(play, message, followed);
      std::map<NodeIndex, base::Time> first;
      for (const TrailCopy& copy : followed.trail.copies) {
        first.try_emplace(copy.node, copy.since);
        ++ends[copy.end];
        if (copy.from) ++crossed;
        for (std::size_t i = 0; i < counted.size(); ++i) {
          const base::Time at = seen.series[i].at;
          if (copy.since > at) continue;
          if (copy.from) counted[i].air_bytes += play.plan[message].size_bytes;
          if (copy.end == CopyEnd::read) ++counted[i].delivered;
          if (copy.until.value_or(base::Time::max()) <= at) continue;
          ++counted[i].copies;
          counted[i].carried_bytes += play.plan[message].size_bytes;
        }
      }
      const MessageSpread& spread = seen.spread[message];
      EXPECT_EQ(spread.message, message);
      EXPECT_EQ((std::map(spread.seen.begin(), spread.seen.end())), first);
      EXPECT_EQ(spread.seen.size(), first.size()) << "somebody was seen twice";
    }
    EXPECT_EQ(ends[CopyEnd::displaced], plain.totals.copies_dropped);
    EXPECT_EQ(ends[CopyEnd::expired], plain.totals.copies_expired);
    EXPECT_EQ(ends[CopyEnd::delivered], plain.totals.copies_removed);
    EXPECT_EQ(crossed, plain.totals.transfers_ended);
    for (const auto& [end, number] : ends) of_all[end] += number;

    ASSERT_GE(seen.series.size(), std::size_t{kRunMoments});
    ASSERT_LE(seen.series.size(), std::size_t{kRunMoments} + 1);
    ASSERT_EQ(progress.size(), seen.series.size());
    for (std::size_t i = 0; i < seen.series.size(); ++i) {
      const RunMoment& moment = seen.series[i];
      EXPECT_EQ(progress[i], std::pair(moment.at, moment.delivered));
      EXPECT_EQ(moment.delivered, counted[i].delivered) << i;
      EXPECT_EQ(moment.air_bytes, counted[i].air_bytes) << i;
      EXPECT_EQ(moment.copies, counted[i].copies) << i;
      EXPECT_EQ(moment.carried_bytes, counted[i].carried_bytes) << i;
    }
    EXPECT_EQ(seen.series.back().at, plain.end);
    EXPECT_EQ(seen.series.back().air_bytes, plain.totals.air_bytes);
  }
  EXPECT_EQ(of_all.size(), 5u) << "of the ways in which a copy may end some were not seen";
}

TEST(Recorder, MomentsEndWithTheWorld) {
  for (const double end_s : {0.05, 0.1, 0.3, 36.0, 100.0}) {
    ListedContacts contacts(2, end_s, {up(end_s, 0, 1)});
    const RunResult result =
        InstantWorld(contacts, {message(0, 0, 1)}, {.strategy = {}}, {.series = true}).run();
    ASSERT_FALSE(result.series.empty());
    EXPECT_EQ(result.series.back().at, at_s(end_s));
    EXPECT_EQ(result.series.back().delivered, 1u) << "what happens at the end counts";
    for (std::size_t i = 1; i < result.series.size(); ++i) {
      EXPECT_LT(result.series[i - 1].at, result.series[i].at);
      EXPECT_EQ(result.series[i - 1].delivered, 0u);
    }
  }
}

TEST(Recorder, AMessageThatFitsNoBufferIsLetGoOfAtOnce) {
  ListedContacts contacts(2, 100, {up(10, 0, 1)});
  const MessagePlan plan = {message(1, 0, 1, 11)};
  const Recording record{.series = true, .follow = TrailRequest{}};
  const RunResult result =
      InstantWorld(contacts, plan, {.strategy = {}, .buffer_bytes = 10}, record).run();
  ASSERT_EQ(result.trail.copies.size(), 1u);
  EXPECT_EQ(result.trail.copies[0].end, CopyEnd::displaced);
  EXPECT_EQ(result.trail.copies[0].until, at_s(1));
  EXPECT_EQ(result.series.back().copies, 0u);
}

/// One contact of 0 with 1 from 10 to 20 s and how it ended, for message 0.
std::optional<Withheld> why(const MessagePlan& plan, const BitRateRules& rules) {
  ListedContacts contacts(3, 30, {up(10, 0, 1), down(20, 0, 1)});
  TrailContact contact;
  contact.to = 1;
  contact.begin = at_s(10);
  contact.end = at_s(20);
  const Recording record{.follow = TrailRequest{.message = 0, .contacts = {contact}}};
  const RunResult result = BitRateWorld(contacts, plan, rules, record).run();
  EXPECT_EQ(result.trail.contacts[0].linked, at_s(10));
  return result.trail.contacts[0].withheld;
}

TEST(Recorder, SaysWhyAMessageDidNotCrossALink) {
  BitRateRules rules;
  rules.bytes_per_s = 1'000;
  EXPECT_EQ(why({message(1, 0, 2, 5'000)}, rules), std::nullopt) << "it crossed";
  EXPECT_EQ(why({message(1, 0, 2, 10'000)}, rules), std::nullopt) << "in the last moment";
  EXPECT_EQ(why({message(1, 0, 2, 10'500)}, rules), Withheld::on_its_way);
  EXPECT_EQ(why({message(1, 0, 2, 5'000), message(2, 0, 1, 9'000)}, rules), Withheld::on_its_way);
  EXPECT_EQ(why({message(1, 0, 2, 5'000), message(2, 0, 1, 12'000)}, rules), Withheld::queued);
  MessagePlan old = {message(1, 0, 2, 5'000)};
  old[0].lifetime = 8s;
  rules.lifetime_grain = 1s;
  EXPECT_EQ(why(old, rules), Withheld::expired);
  rules.buffer_bytes = 4'000;
  EXPECT_EQ(why({message(1, 0, 2, 5'000)}, rules), Withheld::refused);
  rules.buffer_bytes = BitRateRules::kUnbounded;
  for (const Kind kind : {Kind::direct, Kind::prophet, Kind::spray_source}) {
    rules.strategy = {.kind = kind, .copies = 1};
    EXPECT_EQ(why({message(1, 0, 2, 5'000)}, rules), Withheld::policy);
    EXPECT_EQ(why({message(1, 0, 1, 5'000)}, rules), std::nullopt) << "for the recipient";
  }
}

}  // namespace
}  // namespace chaski::sim
