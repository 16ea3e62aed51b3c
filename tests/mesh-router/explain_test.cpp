// SPDX-License-Identifier: Apache-2.0
// Afraid of: an explanation that says something else than what the router does, a reason that
// nobody ever hears, and a trace that costs or grows when nobody reads it.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "liar.hpp"
#include "mesh-router/spray_policy.hpp"
#include "station.hpp"

namespace chaski::mesh_router::test {
namespace {

RouterLimits traced() {
  RouterLimits limits;
  limits.traces_max = 4'096;
  return limits;
}

std::vector<TraceEvent> traces(Router& router) {
  std::vector<TraceEvent> all;
  while (const auto event = router.next_trace()) all.push_back(*event);
  return all;
}

template <class Event>
std::vector<Event> of(const std::vector<TraceEvent>& all, const wire::EnvelopeId& id) {
  std::vector<Event> found;
  for (const TraceEvent& event : all) {
    const auto* wanted = std::get_if<Event>(&event);
    if (wanted != nullptr && wanted->id == id) found.push_back(*wanted);
  }
  return found;
}

/// What is said of the first link.
NeighbourExplanation first(Station& station, const wire::EnvelopeId& id, base::Time now) {
  const Explanation answer = station.router().explain(id, now);
  EXPECT_EQ(answer.presence, Presence::held);
  EXPECT_FALSE(answer.neighbours.empty());
  return answer.neighbours.empty() ? NeighbourExplanation{} : answer.neighbours.front();
}

Withheld why(Station& station, const wire::EnvelopeId& id, base::Time now) {
  return first(station, id, now).why;
}

/// Takes frames until there is none, and throws them away: the neighbour never answers.
void pull(Router& router, base::LinkId link, base::Time now, std::size_t frame_size = 4'096) {
  base::Bytes frame(frame_size);
  while (router.next_frame(link, frame, now) != 0) {
  }
}

TEST(Explain, WhatIsHeldAndWhatIsNot) {
  Net net;
  Station& a = net.add();
  Station& b = net.add();
  const Message message = make_message(net.random, {160, 100});
  EXPECT_EQ(a.router().explain(message.id, net.now).presence, Presence::unknown);
  a.send(message, net.now, 7);
  net.run(40s);
  const Explanation held = a.router().explain(message.id, net.now);
  EXPECT_EQ(held.presence, Presence::held);
  EXPECT_TRUE(held.local);
  EXPECT_EQ(held.lane, Lane::normal_small);
  EXPECT_EQ(held.age_ms, 40'000u);
  EXPECT_EQ(held.lifetime_left_ms, 60'000u);
  EXPECT_EQ(held.hops_left, 7u);
  EXPECT_EQ(held.size, message.bytes.size());
  EXPECT_TRUE(held.neighbours.empty());

  b.person.tags.insert(message.tag);
  net.connect(0, 1);
  net.run(5s);
  EXPECT_EQ(a.router().explain(message.id, net.now).presence, Presence::seen);
  EXPECT_EQ(b.router().explain(message.id, net.now).presence, Presence::tombstoned);
}

TEST(Explain, OnItsWayThenTaken) {
  Net net;
  Station& a = net.add(traced());
  Station& b = net.add(traced());
  net.connect(0, 1);
  net.run(2s);
  const Message message = make_message(net.random);
  a.send(message, net.now, 9);
  EXPECT_EQ(why(a, message.id, net.now), Withheld::queued);
  EXPECT_EQ(first(a, message.id, net.now).ahead, 0u);
  base::Bytes frame(wire::kFrameSizeMax);
  const std::size_t size = a.router().next_frame(net.link(0, 1), frame, net.now);
  ASSERT_GT(size, 0u);
  EXPECT_EQ(why(a, message.id, net.now), Withheld::on_its_way);
  ASSERT_TRUE(b.router().receive(net.link(0, 1), base::ByteView(frame).first(size), net.now));
  b.settle(net.now);
  EXPECT_EQ(why(b, message.id, net.now), Withheld::has_it) << "it came from there";
  net.pump();
  EXPECT_EQ(why(a, message.id, net.now), Withheld::has_it);

  const auto sent = of<SentEvent>(traces(a.router()), message.id);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].neighbour, name_of(1));
  EXPECT_EQ(sent[0].link, net.link(0, 1));
  EXPECT_EQ(sent[0].sequence, 1u);
  EXPECT_EQ(sent[0].lane, Lane::normal_small);
  EXPECT_EQ(sent[0].part, SentEvent::Part::whole);
  EXPECT_FALSE(sent[0].backlog);
  EXPECT_EQ(sent[0].hops_left, 8u);
  const auto kept = of<WithheldEvent>(traces(b.router()), message.id);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].why, Withheld::has_it);
  EXPECT_EQ(kept[0].neighbour, name_of(0));
}

TEST(Explain, WhatBothHadAndWhatIsStillCompared) {
  Net net;
  Station& a = net.add(traced());
  Station& b = net.add();
  const Message both = make_message(net.random);
  const Message mine = make_message(net.random);
  for (Station* station : {&a, &b}) station->send(both, net.now);
  a.send(mine, net.now);
  net.connect(0, 1);
  EXPECT_EQ(why(a, both.id, net.now), Withheld::comparing);
  EXPECT_EQ(why(a, mine.id, net.now), Withheld::comparing);
  net.run(2s);
  EXPECT_EQ(why(a, both.id, net.now), Withheld::had_it);
  EXPECT_EQ(why(a, mine.id, net.now), Withheld::has_it);
  const auto sent = of<SentEvent>(traces(a.router()), mine.id);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(sent[0].backlog);
}

TEST(Explain, NotCommittedExpiredOrOutOfHops) {
  Net net;
  Station& a = net.add(traced());
  const Liar ben(net, 0, 1);
  const Message fresh = make_message(net.random, {160, 60});
  ASSERT_TRUE(a.router().submit(fresh.bytes, {0, 8, 0}, net.now));
  EXPECT_EQ(why(a, fresh.id, net.now), Withheld::not_durable);
  const Message tired = make_message(net.random);
  a.send(tired, net.now, 0);
  EXPECT_EQ(why(a, tired.id, net.now), Withheld::no_hops);
  // Nobody woke the router yet.
  EXPECT_EQ(why(a, fresh.id, net.now + 61s), Withheld::expired);
  EXPECT_EQ(a.router().explain(fresh.id, net.now + 61s).lifetime_left_ms, 0u);
  pull(a.router(), ben.link(), net.now + 61s);
  const auto withheld = of<WithheldEvent>(traces(a.router()), fresh.id);
  ASSERT_EQ(withheld.size(), 1u);
  EXPECT_EQ(withheld[0].why, Withheld::expired);
}

TEST(Explain, RefusedWithTheTimeOfTheNextTryThenOneAtATime) {
  Net net;
  Station& a = net.add(traced());
  Liar full(net, 0, 1);
  const Message one = make_message(net.random);
  const Message two = make_message(net.random);
  a.send(one, net.now);
  EXPECT_EQ(full.hear_envelopes().size(), 1u);
  a.send(two, net.now);
  ASSERT_TRUE(full.refuse(1, wire::RefuseReason::storage_full));
  ASSERT_TRUE(full.acknowledge(1));
  const NeighbourExplanation refused = first(a, one.id, net.now);
  EXPECT_EQ(refused.why, Withheld::refused);
  EXPECT_EQ(refused.until, net.now + 3s);
  EXPECT_EQ(refused.ahead, 1u) << "what was refused is behind what is fresh";
  EXPECT_EQ(why(a, two.id, net.now), Withheld::refused);
  for (int i = 0; i < 10; ++i) pull(a.router(), full.link(), net.now);
  auto told = of<WithheldEvent>(traces(a.router()), two.id);
  ASSERT_EQ(told.size(), 1u) << "standing is told once";
  EXPECT_EQ(told[0].why, Withheld::refused);

  net.now += 3s;
  a.router().wake(net.now);
  EXPECT_EQ(why(a, two.id, net.now), Withheld::queued);
  pull(a.router(), full.link(), net.now);
  EXPECT_EQ(why(a, two.id, net.now), Withheld::on_its_way);
  EXPECT_EQ(why(a, one.id, net.now), Withheld::probing);
  told = of<WithheldEvent>(traces(a.router()), one.id);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].why, Withheld::probing);
  ASSERT_TRUE(full.refuse(2, wire::RefuseReason::invalid));
  EXPECT_EQ(why(a, two.id, net.now), Withheld::has_it) << "or it never takes it";
}

TEST(Explain, AReceiptAboveTheNeighboursBoundWaitsForReady) {
  Net net;
  Station& a = net.add();
  Liar full(net, 0, 1);
  const Message elsewhere = make_message(net.random);
  a.router().publish_receipt({elsewhere.id, elsewhere.token}, 3'600, 0, net.now);
  a.settle(net.now);
  const auto heard = full.hear_envelopes();
  ASSERT_EQ(heard.size(), 1u);
  ASSERT_TRUE(full.refuse(1, wire::RefuseReason::quota));
  const NeighbourExplanation refused = first(a, heard[0], net.now);
  EXPECT_EQ(refused.why, Withheld::refused);
  EXPECT_FALSE(refused.until.has_value());
}

TEST(Explain, TheWindowAndThePlaceInTheQueue) {
  Net net;
  RouterLimits limits = traced();
  limits.window_envelopes = 2;
  Station& a = net.add(limits);
  const Liar silent(net, 0, 1);
  std::vector<wire::EnvelopeId> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(a.send(make_message(net.random), net.now));
  EXPECT_EQ(first(a, ids[4], net.now).ahead, 4u);
  pull(a.router(), silent.link(), net.now);
  EXPECT_EQ(why(a, ids[1], net.now), Withheld::on_its_way);
  EXPECT_EQ(why(a, ids[2], net.now), Withheld::window_full);
  EXPECT_EQ(first(a, ids[4], net.now).ahead, 2u);
  const auto told = of<WithheldEvent>(traces(a.router()), ids[2]);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].why, Withheld::window_full);
}

TEST(Explain, ThePlaceAmongWhatWasHeldAtLinkUpIsByArrival) {
  Net net;
  RouterLimits limits;
  limits.window_envelopes = 1;
  Station& a = net.add(limits);
  std::vector<wire::EnvelopeId> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(a.send(make_message(net.random), net.now));
    net.now += 1s;
  }
  Liar empty(net, 0, 1);
  empty.claim({});
  EXPECT_EQ(why(a, ids[0], net.now), Withheld::on_its_way) << "the oldest first";
  for (const std::size_t i : {1u, 2u, 3u}) {
    EXPECT_EQ(why(a, ids[i], net.now), Withheld::window_full);
    EXPECT_EQ(first(a, ids[i], net.now).ahead, i - 1);
  }
}

TEST(Explain, ThePlaceInALongQueueIsCountedToABound) {
  Net net;
  Station& a = net.add();
  a.keeps_disk = false;
  const Liar silent(net, 0, 1);
  wire::EnvelopeId last;
  for (int i = 0; i < 3'000; ++i) last = a.send(make_message(net.random), net.now);
  EXPECT_EQ(first(a, last, net.now).why, Withheld::queued);
  EXPECT_EQ(first(a, last, net.now).ahead, 1'024u);
}

TEST(Explain, LargeOnesWaitForAPlaceAndAreTracedAtBothEnds) {
  Net net;
  Station& a = net.add(traced());
  const Liar slow(net, 0, 1, 244);
  const Message file = make_message(net.random, {12'000});
  const Message next = make_message(net.random, {12'000});
  a.send(file, net.now);
  a.send(next, net.now);
  base::Bytes frame(244);
  ASSERT_GT(a.router().next_frame(slow.link(), frame, net.now), 0u);
  ASSERT_GT(a.router().next_frame(slow.link(), frame, net.now), 0u);
  EXPECT_EQ(why(a, file.id, net.now), Withheld::on_its_way);
  EXPECT_EQ(why(a, next.id, net.now), Withheld::transfer_place);
  pull(a.router(), slow.link(), net.now, 244);
  const auto all = traces(a.router());
  const auto sent = of<SentEvent>(all, file.id);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].part, SentEvent::Part::begun);
  EXPECT_EQ(sent[0].sequence, 0u);
  EXPECT_EQ(sent[1].part, SentEvent::Part::last);
  EXPECT_EQ(sent[1].sequence, 1u);
  EXPECT_EQ(sent[1].lane, Lane::normal_large);
  const auto waited = of<WithheldEvent>(all, next.id);
  ASSERT_EQ(waited.size(), 1u);
  EXPECT_EQ(waited[0].why, Withheld::transfer_place);
}

TEST(Explain, WhatIsOfferedIsOnItsWay) {
  Net net;
  Station& a = net.add(traced());
  const Liar slow(net, 0, 1, 244);
  const Message file = make_message(net.random, {20'000});
  a.send(file, net.now);
  pull(a.router(), slow.link(), net.now, 244);
  EXPECT_EQ(why(a, file.id, net.now), Withheld::on_its_way);
  const auto sent = of<SentEvent>(traces(a.router()), file.id);
  ASSERT_EQ(sent.size(), 1u) << "the answer did not come: no piece goes";
  EXPECT_EQ(sent[0].part, SentEvent::Part::begun);
}

/// Nothing for anybody.
class Miser final : public ForwardingPolicy {
 public:
  Decision offer(SlotRef, const HeldEnvelope&, const Contact&, base::Time) override {
    return {Offer::withhold};
  }
};

TEST(Explain, TheStrategyKeepsIt) {
  Net net;
  RouterLimits limits = traced();
  limits.make_policy = [](base::Random&, void*) -> std::unique_ptr<ForwardingPolicy> {
    return std::make_unique<Miser>();
  };
  Station& a = net.add(limits);
  const Liar ben(net, 0, 1);
  const Message message = make_message(net.random);
  a.send(message, net.now);
  EXPECT_EQ(why(a, message.id, net.now), Withheld::policy);
  pull(a.router(), ben.link(), net.now);
  EXPECT_EQ(why(a, message.id, net.now), Withheld::policy);
  const auto told = of<WithheldEvent>(traces(a.router()), message.id);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].why, Withheld::policy);
}

TEST(Explain, ALastCopyIsShownOnce) {
  Net net;
  std::uint16_t copies = 1;
  RouterLimits limits = traced();
  limits.make_policy = make_spray;
  limits.policy_user = &copies;
  Station& a = net.add(limits);
  net.add();
  net.connect(0, 1);
  net.run(2s);
  const Message message = make_message(net.random);
  a.send(message, net.now);
  EXPECT_EQ(why(a, message.id, net.now), Withheld::queued);
  net.run(1s);
  EXPECT_EQ(why(a, message.id, net.now), Withheld::shown);
  const auto sent = of<SentEvent>(traces(a.router()), message.id);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].hops_left, 0u);
  EXPECT_EQ(a.router().explain(message.id, net.now).copies, 1u);
}

TEST(Explain, EachLinkIsAnsweredFor) {
  Net net;
  Station& a = net.add();
  for (int i = 0; i < 3; ++i) net.add();
  net.connect(0, 1);
  net.connect(0, 2);
  net.run(2s);
  const Message message = make_message(net.random);
  net[3].send(message, net.now);
  net.connect(3, 1);
  net.run(2s);
  ASSERT_TRUE(a.holds(message.id));
  net.disconnect(0, 2);
  net.connect(0, 2);
  const Explanation answer = a.router().explain(message.id, net.now);
  ASSERT_EQ(answer.neighbours.size(), 2u);
  EXPECT_EQ(answer.neighbours[0].id, name_of(1));
  EXPECT_EQ(answer.neighbours[0].why, Withheld::has_it);
  EXPECT_EQ(answer.neighbours[1].id, name_of(2));
  EXPECT_EQ(answer.neighbours[1].why, Withheld::comparing);
  EXPECT_EQ(answer.neighbours[1].since, net.now);
}

TEST(DecisionTrace, IsBoundedAndSilentByDefault) {
  DecisionTrace off(0);
  EXPECT_FALSE(off.on());
  off.push(WithheldEvent{});
  EXPECT_FALSE(off.pop().has_value());
  DecisionTrace two(2);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    SentEvent event;
    event.sequence = i;
    two.push(event);
  }
  EXPECT_EQ(two.lost(), 3u);
  EXPECT_EQ(std::get<SentEvent>(*two.pop()).sequence, 4u);
  EXPECT_EQ(std::get<SentEvent>(*two.pop()).sequence, 5u);
  EXPECT_FALSE(two.pop().has_value());

  Net net;
  Station& a = net.add();
  net.add();
  net.connect(0, 1);
  a.send(make_message(net.random), net.now);
  net.run(2s);
  EXPECT_EQ(a.router().counters().envelopes_sent, 1u);
  EXPECT_FALSE(a.router().next_trace().has_value());
}

TEST(Names, EveryReasonOfAnExplanationHasOne) {
  std::set<std::string> names;
  for (int i = 0; i < static_cast<int>(Withheld::kCount); ++i) {
    names.insert(to_string(static_cast<Withheld>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Withheld::kCount));
  EXPECT_FALSE(names.contains("unknown"));
}

/// In a random history of honest stations: who is said to have it knows it, what is said to be next
/// goes next, and asking changes nothing.
RC_GTEST_PROP(Explain, SaysWhatTheRouterDoes, (std::uint64_t seed)) {
  Net net(seed);
  constexpr std::size_t kStations = 4;
  for (std::size_t i = 0; i < kStations; ++i) net.add(traced());
  std::vector<wire::EnvelopeId> ids;
  for (int step = 0; step < 120; ++step) {
    const auto a = static_cast<std::size_t>(net.random.below(kStations));
    const auto b = static_cast<std::size_t>(net.random.below(kStations));
    switch (net.random.below(8)) {
      case 0:
        if (a != b && !net.connected(a, b)) net.connect(a, b, 200 + net.random.below(800));
        break;
      case 1: net.disconnect(a, b); break;
      case 2: net.run(500ms); break;
      case 3:
      case 4: {
        const MessageShape shape{net.random.below(10) == 0 ? 6'000u : 100u};
        // More hops than there are stations: nobody is only shown it.
        ids.push_back(net[a].send(make_message(net.random, shape), net.now, /*hops=*/8));
        break;
      }
      default: net.step();
    }
    if (net.link_broken) RC_FAIL("a link broke");
    for (std::size_t s = 0; s < kStations; ++s) {
      for (const auto& id : ids) {
        for (const auto& link : net[s].router().explain(id, net.now).neighbours) {
          const bool said = link.why == Withheld::had_it || link.why == Withheld::has_it;
          if (!said) continue;
          const auto there = net[link.id.bytes[0]].router().explain(id, net.now).presence;
          RC_ASSERT(there != Presence::unknown);
        }
      }
    }
  }
  // Every envelope that only waits for its turn goes when frames are asked for.
  for (std::size_t s = 0; s < kStations; ++s) {
    Router& router = net[s].router();
    std::vector<std::pair<wire::EnvelopeId, base::LinkId>> waiting;
    for (const auto& id : ids) {
      for (const auto& link : router.explain(id, net.now).neighbours) {
        if (link.why == Withheld::queued) waiting.emplace_back(id, link.link);
      }
    }
    traces(router);
    for (const auto& [id, link] : waiting) pull(router, link, net.now, wire::kFrameSizeMax);
    const auto all = traces(router);
    for (const auto& [id, link] : waiting) {
      const auto sent = of<SentEvent>(all, id);
      RC_ASSERT(std::any_of(sent.begin(), sent.end(), [to = link](const SentEvent& event) {
        return event.link == to;
      }));
    }
  }
}

}  // namespace
}  // namespace chaski::mesh_router::test
