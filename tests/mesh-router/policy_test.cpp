// SPDX-License-Identifier: Apache-2.0
// Forwarding policies and what they remember, without a network.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "liar.hpp"
#include "mesh-router/pull_table.hpp"
#include "mesh-router/regime_policy.hpp"
#include "mesh-router/spray_policy.hpp"

namespace chaski::mesh_router::test {
namespace {

wire::EnvelopeId id_of(std::uint8_t number) {
  wire::EnvelopeId id;
  id.bytes[0] = number;
  return id;
}

Contact contact(unsigned bit, base::Time since) { return {bit, name_of(bit), since}; }

TEST(PullTable, WaitsThenAsksOneAfterAnother) {
  PullTable pulls;
  const base::Time start = at(1h);
  EXPECT_TRUE(pulls.announced(7, id_of(7), 3, start));
  EXPECT_TRUE(pulls.announced(7, id_of(7), 1, start + 10ms));
  EXPECT_FALSE(pulls.next_due(start + 99ms));
  EXPECT_EQ(*pulls.next_time(), start + PullTable::kPatience);
  const auto first = pulls.next_due(start + 100ms);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->bit, 3u);
  EXPECT_EQ(first->id, id_of(7));
  EXPECT_FALSE(pulls.next_due(start + 3s));
  const auto second = pulls.next_due(start + 100ms + PullTable::kRetry);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->bit, 1u);
  EXPECT_FALSE(pulls.next_due(start + 1h)) << "nobody is left to ask";
  EXPECT_EQ(pulls.size(), 0u);
}

TEST(PullTable, AsksForWhatExpiredAWhileLater) {
  PullTable pulls;
  pulls.expired(1, id_of(1), 0, at(0s));
  EXPECT_EQ(pulls.size(), 0u) << "nobody to ask";
  pulls.expired(1, id_of(1), 0b1010, at(0s));
  EXPECT_TRUE(pulls.announced(2, id_of(2), 5, at(1s)));
  EXPECT_EQ(pulls.next_due(at(2s))->bit, 5u) << "it waits for nobody's later time";
  EXPECT_EQ(pulls.next_time(), at(5s));
  EXPECT_FALSE(pulls.next_due(at(6s)));
  EXPECT_EQ(pulls.next_time(), at(30s));
  EXPECT_EQ(pulls.next_due(at(30s))->bit, 1u);
  EXPECT_EQ(pulls.next_due(at(33s))->bit, 3u);
  EXPECT_FALSE(pulls.next_due(at(36s)));
  EXPECT_EQ(pulls.size(), 0u);
  pulls.expired(1, id_of(1), 0b1010, at(60s));
  EXPECT_EQ(pulls.came(1), 0u) << "nobody said of itself that it has it";
}

TEST(PullTable, DoesNotAskForWhatCameNorThroughALinkThatLeft) {
  PullTable pulls;
  const base::Time start = at(1h);
  pulls.announced(7, id_of(7), 3, start);
  pulls.announced(8, id_of(8), 3, start);
  pulls.announced(8, id_of(8), 4, start);
  EXPECT_EQ(pulls.came(7), 1u << 3);
  EXPECT_EQ(pulls.came(9), 0u);
  pulls.left(3);
  const auto due = pulls.next_due(start + 1s);
  ASSERT_TRUE(due);
  EXPECT_EQ(due->bit, 4u);
  EXPECT_EQ(due->id, id_of(8));
  EXPECT_FALSE(pulls.next_due(start + 1s));
}

/// Afraid of: a crowd of invented neighbours that announce what they do not have.
TEST(Attack, FalseAnnouncementsDelayTheTrueOneAndLoseNothing) {
  PullTable pulls;
  const base::Time start = at(1h);
  constexpr unsigned kHonest = 63;
  for (unsigned liar = 0; liar < kHonest; ++liar) {
    EXPECT_TRUE(pulls.announced(7, id_of(7), liar, start));
  }
  EXPECT_TRUE(pulls.announced(7, id_of(7), kHonest, start));
  base::Time now = start;
  unsigned asked = 0;
  while (asked != kHonest) {
    ASSERT_TRUE(pulls.next_time());
    now = *pulls.next_time();
    const auto due = pulls.next_due(now);
    ASSERT_TRUE(due) << "the honest one was never asked";
    asked = due->bit;
  }
  EXPECT_LE(now - start, PullTable::kPatience + kHonest * PullTable::kRetry);
}

TEST(PullTable, IsBoundedForOneNeighbourAndInAll) {
  PullTable pulls;
  std::uint64_t hash = 1;
  std::size_t taken = 0;
  for (unsigned bit = 0; bit < 8; ++bit) {
    for (std::size_t i = 0; i < 2 * PullTable::kPerNeighbourMax; ++i) {
      if (pulls.announced(hash++, id_of(1), bit, at(1h))) ++taken;
    }
    EXPECT_LE(taken, (bit + 1) * PullTable::kPerNeighbourMax);
  }
  EXPECT_EQ(taken, PullTable::kMax);
  for (const base::Duration later : {2h, 3h}) {
    while (pulls.next_due(at(later))) {
    }
  }
  EXPECT_TRUE(pulls.announced(hash, id_of(1), 0, at(3h))) << "and there is room again";
}

TEST(Usefulness, FallsForThoseWhoHadItAndIsForgottenWithThem) {
  Usefulness usefulness;
  EXPECT_EQ(usefulness.of(1, 2), usefulness.of(5, 6));
  for (int i = 0; i < 40; ++i) {
    usefulness.was_told(1, 2);
    usefulness.was_told(1, 3);
    usefulness.had_it(1, 3);
  }
  EXPECT_GT(usefulness.of(1, 2), 240u);
  EXPECT_LT(usefulness.of(1, 3), 40u);
  const unsigned other = usefulness.of(1, 3);
  usefulness.forget(2);
  EXPECT_EQ(usefulness.of(1, 2), usefulness.of(5, 6));
  EXPECT_EQ(usefulness.of(1, 3), other);
}

struct Regimes : ::testing::Test {
  void up(unsigned bit, base::Time since = at(1h)) { policy.contact_up(contact(bit, since)); }
  Offer offer(unsigned bit, base::Time now, base::Time since = at(1h)) {
    return policy.offer({1, 1}, held, contact(bit, since), now).offer;
  }
  base::SeededRandom random{1};
  RegimePolicy policy{random};
  HeldEnvelope held;
};

TEST_F(Regimes, ACrowdBeginsAtThreeAndEndsAfterAWhileWithOne) {
  up(0);
  up(1);
  EXPECT_FALSE(policy.in_crowd());
  up(1);
  EXPECT_FALSE(policy.in_crowd()) << "two links to one neighbour are one neighbour";
  up(2);
  EXPECT_TRUE(policy.in_crowd());
  policy.contact_down(contact(2, at(1h)), at(2h));
  offer(0, at(3h));
  EXPECT_TRUE(policy.in_crowd()) << "two are enough to stay";
  policy.contact_down(contact(0, at(1h)), at(3h));
  offer(1, at(3h) + 9s);
  EXPECT_TRUE(policy.in_crowd());
  offer(1, at(3h) + 10s);
  EXPECT_FALSE(policy.in_crowd());
}

TEST_F(Regimes, OfManyNeighboursSomeArePushedToAndTheOthersAreTold) {
  for (unsigned bit = 0; bit < 20; ++bit) up(bit);
  held.hops_left = 9;
  held.size = 200;
  held.known_by = 1u << 19;
  policy.committed({1, 1}, held);
  unsigned pushed = 0;
  for (unsigned bit = 0; bit < 19; ++bit) {
    const Offer answer = offer(bit, at(2h));
    EXPECT_TRUE(answer == Offer::push || answer == Offer::announce);
    if (answer == Offer::push) ++pushed;
  }
  EXPECT_EQ(pushed, 6u);
}

Packed48 born(base::Time when) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(when.time_since_epoch());
  return Packed48(since.count());
}

TEST_F(Regimes, TheYoungIsGivenTheOldIsShownUntilPatienceEndsAndStandingLinksGetEverything) {
  base::Time now = at(1h);
  for (int i = 0; i < 40; ++i, now += 10min) {
    up(0, now);
    policy.contact_down(contact(0, now), now + 5s);
  }
  held.hops_left = 9;
  held.local = true;
  held.born_ms = born(now);
  policy.adopt(held);
  EXPECT_EQ(held.copies, RegimePolicy::kLimited);
  EXPECT_EQ(offer(0, now, now), Offer::push);
  const base::Time written = now;
  for (; now < written + 40min; now += 10min) {
    policy.contact_up(contact(0, now));
    policy.contact_down(contact(0, now), now + 5s);
  }
  EXPECT_EQ(offer(0, now, now), Offer::push);
  const base::Time old = written + 40min + 1s;
  EXPECT_EQ(offer(0, old, old - 5s), Offer::show) << "four mean gaps have passed";
  EXPECT_EQ(offer(0, old, old - 29s), Offer::show);
  EXPECT_EQ(offer(0, old, old - 30s), Offer::push);
  for (unsigned i = 0; i < RegimePolicy::kPatience; ++i) {
    EXPECT_EQ(offer(0, old, old), Offer::show);
    policy.shown(held);
  }
  const Decision decision = policy.offer({1, 1}, held, contact(0, old), old);
  EXPECT_EQ(decision.offer, Offer::push);
  EXPECT_EQ(decision.given, 0) << "and whoever gets it gives it to everyone";
}

TEST_F(Regimes, WhatGrewVeryOldIsGivenToEveryoneHoweverSeldomItWasShown) {
  const base::Time now = at(1h);
  const base::Duration gap = MeetingPace::kPrior;  // of whom nobody met yet
  held.hops_left = 9;
  held.born_ms = born(now);
  held.set_copies(RegimePolicy::kLimited);
  const base::Time old = now + RegimePolicy::kOldGaps * gap;
  EXPECT_EQ(offer(0, old, old), Offer::show);
  const base::Time very_old = old + 1s;
  const Decision decision = policy.offer({1, 1}, held, contact(0, very_old), very_old);
  EXPECT_EQ(decision.offer, Offer::push);
  EXPECT_EQ(decision.given, 0) << "and whoever gets it gives it to everyone";
  EXPECT_EQ(decision.kept, 0);
  held.is_receipt = true;
  EXPECT_EQ(offer(0, old, old), Offer::push) << "receipts were never limited";
}

TEST(MeetingPace, FollowsTheMeanAndSeesThatACrowdIsGone) {
  base::SeededRandom random(3);
  MeetingPace pace;
  EXPECT_EQ(pace.mean_gap(at(1h)), MeetingPace::kPrior);
  base::Time now = at(1h);
  base::Duration sum{};
  constexpr int kRounds = 2'000;
  for (int i = 0; i < kRounds; ++i) {
    const double gap_s = -60 * std::log(1 - random.unit());
    now += base::Duration(std::llround(gap_s * 1e6));
    pace.met(now);
    sum += pace.mean_gap(now);
  }
  EXPECT_NEAR(static_cast<double>((sum / kRounds).count()) / 60e6, 1, .1);
  EXPECT_GT(pace.mean_gap(now + 1h), 7min);
  EXPECT_LT(pace.mean_gap(now), 3min) << "looking changes nothing";
  for (int i = 0; i < 100; ++i) pace.met(now += 100ms);
  EXPECT_EQ(pace.mean_gap(now), MeetingPace::kMin) << "a link that comes and goes";
}

/// Afraid of: an author that is known by what it gives to whom, or by what stands beside it.
RC_GTEST_PROP(Author, GivesLikeAnyCarrier, (std::uint64_t seed)) {
  base::SeededRandom events(seed);
  // The same chance in both, so that every difference is one that the envelope makes.
  base::SeededRandom chance_a(seed + 1);
  base::SeededRandom chance_b(seed + 1);
  RegimePolicy author{chance_a};
  RegimePolicy carrier{chance_b};
  HeldEnvelope written;
  written.hops_left = 40;
  written.size = 300;
  HeldEnvelope carried = written;
  written.local = true;
  base::Time now = at(1h);
  written.born_ms = carried.born_ms = born(now);
  author.adopt(written);
  carried.copies = RegimePolicy::kLimited;
  carrier.adopt(carried);
  RC_ASSERT(written.copies == carried.copies);
  std::vector<Contact> contacts;
  for (int step = 0; step < 200; ++step) {
    now += base::Duration(static_cast<std::int64_t>(events.below(60'000'000)));
    const auto bit = static_cast<unsigned>(events.below(63));
    const auto there = std::find_if(contacts.begin(), contacts.end(),
                                    [&](const Contact& c) { return c.bit == bit; });
    if (there == contacts.end()) {
      contacts.push_back(contact(bit, now));
      author.contact_up(contacts.back());
      carrier.contact_up(contacts.back());
    } else if (events.below(3) != 0) {
      author.contact_down(*there, now);
      carrier.contact_down(*there, now);
      contacts.erase(there);
    }
    if (step == 60) {
      author.committed({1, 1}, written);
      carrier.committed({1, 1}, carried);
    }
    for (const Contact& to : contacts) {
      const Decision mine = author.offer({1, 1}, written, to, now);
      const Decision theirs = carrier.offer({1, 1}, carried, to, now);
      RC_ASSERT(mine.offer == theirs.offer);
      RC_ASSERT(mine.given == theirs.given);
      if (mine.offer == Offer::show && events.below(4) == 0) {
        author.shown(written);
        carrier.shown(carried);
      }
    }
  }
}

TEST(Announcements, FillEveryHoleInACrowdOfStandingLinks) {
  constexpr std::size_t kNodes = 12;
  Net net;
  for (std::size_t i = 0; i < kNodes; ++i) net.add();
  for (std::size_t a = 0; a < kNodes; ++a) {
    for (std::size_t b = 0; b < a; ++b) net.connect(a, b, 1'000);
  }
  net.run(2s);
  std::vector<Message> sent;
  for (std::size_t i = 0; i < 40; ++i) {
    sent.push_back(make_message(net.random, {i % 4 == 0 ? std::size_t{6'000} : 160u}));
    net[i % kNodes].send(sent.back(), net.now);
  }
  net.run(10s);
  std::uint64_t transmissions = 0;
  for (std::size_t i = 0; i < kNodes; ++i) {
    for (const Message& message : sent) EXPECT_TRUE(net[i].holds(message.id));
    transmissions += net[i].router().counters().envelopes_sent;
  }
  // Everybody has eleven neighbours: a flood would send nearly 120 of each.
  EXPECT_LT(transmissions, 40u * 60);
}

TEST(Announcements, OfThousandsAreAnsweredHoweverManyAskAtOnce) {
  constexpr std::size_t kNodes = 7;
  constexpr std::size_t kHeld = 1'500;
  Net net;
  for (std::size_t i = 0; i < kNodes; ++i) net.add();
  std::vector<Message> held;
  for (std::size_t i = 0; i < kHeld; ++i) {
    held.push_back(make_message(net.random));
    net[0].send(held.back(), net.now);
  }
  for (std::size_t i = 1; i < kNodes; ++i) net.connect(0, i);
  net.run(20s);
  for (std::size_t i = 1; i < kNodes; ++i) {
    const auto has = [&](const Message& message) { return net[i].holds(message.id); };
    EXPECT_EQ(std::count_if(held.begin(), held.end(), has), static_cast<long>(kHeld)) << i;
  }
}

TEST(Announcements, OfALinkThatWentAreMadeAgainOnTheOtherOne) {
  RouterLimits limits;
  Net net;
  Station& a = net.add(limits);
  for (int i = 0; i < 6; ++i) net.add(limits);
  for (std::size_t i = 1; i < 7; ++i) net.connect(0, i);
  net.connect(0, 1);
  net.run(2s);
  const Message large = make_message(net.random, {9'000});
  a.send(large, net.now);
  base::Bytes frame(wire::kFrameSizeMax);
  // The announcement to the first neighbour is lost with its link.
  while (a.router().next_frame(net.link(0, 1), frame, net.now) != 0) {
  }
  net.disconnect(0, 1);
  net.run(2s);
  EXPECT_TRUE(net[1].holds(large.id));
}

TEST(Copies, ComeBackWhenTheyWereNotTaken) {
  Net net;
  for (int i = 0; i < 2; ++i) net.add();
  net.commit_at_once = false;
  const Message message = make_message(net.random);
  net[0].send(message, net.now);
  for (int i = 0; i < 6; ++i) {
    net.connect(0, 1);
    while (net.step()) {
    }
    net.crash(1);  // before it committed
    net[0].settle(net.now);
  }
  net.commit_at_once = true;
  net.connect(0, 1);
  net.run(2s);
  EXPECT_TRUE(net[1].holds(message.id)) << "and not only shown to it";
}

TEST(Attack, AskingAgainAndAgainForOneEnvelopeQueuesItOnce) {
  RouterLimits limits;
  limits.window_envelopes = 1;
  Net net;
  Station& a = net.add(limits);
  Liar liar(net, 0, 1);
  ASSERT_TRUE(liar.up());
  const Message message = make_message(net.random);
  a.send(message, net.now);
  liar.hear();
  base::Bytes payload(wire::ids_size(1));
  ASSERT_TRUE(wire::encode_ids(std::vector{message.id}, payload));
  base::Bytes buffer(64);
  wire::RecordWriter writer(buffer);
  ASSERT_TRUE(writer.add(wire::RecordType::want, payload));
  buffer.resize(writer.size());
  for (int i = 0; i < 1'000; ++i) liar.say_frame(buffer);
  EXPECT_LE(a.router().neighbours()[0].queued, 1u);
}

}  // namespace
}  // namespace chaski::mesh_router::test
