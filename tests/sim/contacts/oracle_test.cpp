// SPDX-License-Identifier: Apache-2.0
// Afraid of: a path that nobody could go, and of missing the earliest one.
#include "sim/contacts/oracle.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "random_trace.hpp"

namespace chaski::sim {
namespace {

using namespace std::chrono_literals;

base::Time at(std::int64_t seconds) {
  return base::Time{seconds * 1s};
}

RunResult run(const ContactTrace& trace, const MessagePlan& plan) {
  TraceSource source(trace);
  return run_oracle(source, plan);
}

/// One message at a time over contacts as intervals, second by second until nothing changes: who
/// has it, and all hop counts with which an earliest path may reach them.
struct Naive {
  std::optional<base::Time> delivered;
  std::set<std::uint32_t> hops;
  std::uint32_t carriers = 1;
};

Naive naive(const ContactTrace& trace, const PlannedMessage& message, base::Duration step) {
  const std::vector<Contact> contacts = contacts_of(trace);
  std::vector<std::optional<base::Time>> since(trace.nodes);
  std::vector<std::set<std::uint32_t>> hops(trace.nodes);
  since[message.from] = message.at;
  hops[message.from] = {0};
  for (base::Time now = message.at; now <= trace.end; now += step) {
    if (message.lifetime <= now - message.at) break;
    for (bool news = true; news;) {
      news = false;
      const auto pass = [&](NodeIndex from, NodeIndex to) {
        if (!since[from] || (since[to] && *since[to] < now)) return;
        if (!since[to]) news = true;
        since[to] = now;
        for (const std::uint32_t count : hops[from]) {
          if (count + 1 < trace.nodes) news |= hops[to].insert(count + 1).second;
        }
      };
      for (const Contact& contact : contacts) {
        if (contact.begin > now || contact.end <= now) continue;
        pass(contact.a, contact.b);
        pass(contact.b, contact.a);
      }
    }
  }
  Naive result;
  result.delivered = since[message.to];
  result.hops = hops[message.to];
  result.carriers = static_cast<std::uint32_t>(
      std::count_if(since.begin(), since.end(), [](const auto& time) { return time.has_value(); }));
  return result;
}

RC_GTEST_PROP(Oracle, AgreesWithOneMessageAfterTheOther, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const auto nodes = static_cast<std::uint32_t>(2 + random.below(9));
  const ContactTrace trace = random_trace(random, nodes, 20);
  MessagePlan plan(random.below(200));
  for (PlannedMessage& message : plan) {
    // Half seconds: between the changes too, and after the end.
    message.at = base::Time{500ms * static_cast<std::int64_t>(random.below(44))};
    message.from = static_cast<NodeIndex>(random.below(nodes));
    message.to = static_cast<NodeIndex>((message.from + 1 + random.below(nodes - 1)) % nodes);
    if (random.below(2) == 0)
      message.lifetime = 500ms * static_cast<std::int64_t>(random.below(30));
  }
  std::sort(plan.begin(), plan.end(), [](const auto& x, const auto& y) { return x.at < y.at; });
  const RunResult result = run(trace, plan);
  RC_ASSERT(result.outcomes.size() == plan.size());
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const Naive expected = naive(trace, plan[i], 500ms);
    const Outcome& outcome = result.outcomes[i];
    RC_ASSERT(outcome.delivered == expected.delivered);
    RC_ASSERT(outcome.carriers == expected.carriers);
    if (expected.delivered) {
      RC_ASSERT(expected.hops.count(outcome.hops) == 1u);
    } else {
      RC_ASSERT(outcome.hops == 0u);
    }
  }
  TraceSource source(trace);
  const RunResult without = run_oracle(source, plan, {.hops = false});
  RC_ASSERT(without.event_hash == result.event_hash);
}

RC_GTEST_PROP(Oracle, ShowsAPathThatCanBeGoneAndIsEarliest, (std::uint64_t seed)) {
  base::SeededRandom random(seed);
  const auto nodes = static_cast<std::uint32_t>(2 + random.below(9));
  const ContactTrace trace = random_trace(random, nodes, 20);
  const std::vector<Contact> contacts = contacts_of(trace);
  for (int i = 0; i < 20; ++i) {
    PlannedMessage message;
    message.at = base::Time{500ms * static_cast<std::int64_t>(random.below(44))};
    message.from = static_cast<NodeIndex>(random.below(nodes));
    message.to = static_cast<NodeIndex>((message.from + 1 + random.below(nodes - 1)) % nodes);
    if (random.below(2) == 0)
      message.lifetime = 500ms * static_cast<std::int64_t>(random.below(30));
    TraceSource source(trace);
    const std::vector<PathHop> path = earliest_path(source, message);
    const Naive expected = naive(trace, message, 500ms);
    RC_ASSERT(path.empty() == !expected.delivered.has_value());
    if (path.empty()) continue;
    RC_ASSERT(path.back().at == *expected.delivered);
    RC_ASSERT(expected.hops.count(static_cast<std::uint32_t>(path.size())) == 1u);
    NodeIndex holder = message.from;
    base::Time since = message.at;
    for (const PathHop& hop : path) {
      RC_ASSERT(hop.from == holder);
      RC_ASSERT(hop.at >= since);
      const auto [a, b] = std::minmax(hop.from, hop.to);
      RC_ASSERT(std::any_of(contacts.begin(), contacts.end(), [&](const Contact& contact) {
        return contact.a == a && contact.b == b && contact.begin <= hop.at && hop.at < contact.end;
      }));
      holder = hop.to;
      since = hop.at;
    }
    RC_ASSERT(holder == message.to);
  }
}

TEST(Oracle, CrossesAChainAtOnceAndWaitsForWhatIsNotThere) {
  // 0-1-2 are connected from 10 to 20, 2-3 from 30 on.
  const ContactTrace trace =
      trace_of({{at(10), at(20), 0, 1}, {at(10), at(20), 1, 2}, {at(30), base::Time::max(), 2, 3}},
               4, at(100));
  const MessagePlan plan{{at(5), 0, 3, 1, 100s, ""},  {at(15), 0, 2, 1, 1s, ""},
                         {at(20), 0, 2, 1, 100s, ""}, {at(20), 3, 2, 1, 10s, ""},
                         {at(20), 3, 2, 1, 11s, ""},  {at(100), 3, 2, 1, 11s, ""},
                         {at(101), 3, 2, 1, 11s, ""}};
  const RunResult result = run(trace, plan);
  EXPECT_EQ(result.outcomes[0].delivered, at(30));
  EXPECT_EQ(result.outcomes[0].hops, 3u);
  EXPECT_EQ(result.outcomes[0].carriers_then, 3u);
  EXPECT_EQ(result.outcomes[0].carriers, 4u);
  EXPECT_EQ(result.outcomes[1].delivered, at(15)) << "written while they are connected";
  EXPECT_FALSE(result.outcomes[2].delivered) << "the contact is over at its end";
  EXPECT_FALSE(result.outcomes[3].delivered) << "gone at the end of its lifetime";
  EXPECT_EQ(result.outcomes[4].delivered, at(30));
  EXPECT_EQ(result.outcomes[5].delivered, at(100)) << "the end itself counts";
  EXPECT_FALSE(result.outcomes[6].delivered);
  EXPECT_EQ(result.totals.messages_written, 6u);
  EXPECT_EQ(result.contacts, 3u);
  EXPECT_EQ(result.end, at(100));
}

TEST(Oracle, DoesNotCarryOverContactsThatOnlyTouch) {
  const ContactTrace trace = trace_of({{at(10), at(20), 1, 2}, {at(20), at(30), 0, 1}}, 3, at(40));
  const RunResult result = run(trace, {{at(0), 0, 2, 1, 100s, ""}, {at(0), 2, 0, 1, 100s, ""}});
  EXPECT_FALSE(result.outcomes[0].delivered);
  EXPECT_EQ(result.outcomes[1].delivered, at(20));
}

TEST(Oracle, HasAnAnswerWhereThereIsNobodyAndNothing) {
  EXPECT_TRUE(run({}, {}).outcomes.empty());
  EXPECT_EQ(run(trace_of({{at(1), at(2), 0, 1}}, 2, at(3)), {}).contacts, 1u);
  const ContactTrace alone{2, at(10), {}, {}, {}};
  EXPECT_FALSE(run(alone, {{at(0), 0, 1, 1, 100s, ""}}).outcomes[0].delivered);
}

}  // namespace
}  // namespace chaski::sim
