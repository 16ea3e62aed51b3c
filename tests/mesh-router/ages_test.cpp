// SPDX-License-Identifier: Apache-2.0
// Neighbours that lie about ages. One that makes them higher must not make a relay forget what
// others know to be younger; what mends that must not make anything immortal, nor be read twice.
// CHASKI_SEED=n replays one world of the random tests, CHASKI_SEEDS=n runs so many.
#include <gtest/gtest.h>

#include <cstdlib>

#include "liar.hpp"
#include "manners.hpp"

namespace chaski::mesh_router::test {
namespace {

constexpr std::uint32_t kLife_s = 24 * 3'600;
constexpr std::uint64_t kLife_ms = std::uint64_t{kLife_s} * 1'000;
constexpr MessageShape kShape{160, kLife_s};
/// What an age may be too high by, in milliseconds: it is made younger in steps.
constexpr std::uint64_t kStep_ms = HeldEnvelope::kAgeStep_ms;
constexpr base::Duration kStep = std::chrono::milliseconds(kStep_ms);
/// What must be left of the life of what comes back.
constexpr base::Duration kWorthComingBack = 10min;

std::uint64_t ms(base::Duration duration) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

struct Lied : testing::Test {
  Net net;
  Station& victim = net.add();
  Liar liar{net, 0, 1};
  Liar honest{net, 0, 2};
  Message message = make_message(net.random, kShape);

  std::uint64_t age() { return victim.router().age_ms(message.id, net.now).value_or(~0ull); }
  void expire_early() {
    liar.carry(message.bytes, kLife_ms - 1'000);
    net.run(2s);
    ASSERT_FALSE(victim.holds(message.id));
  }
};

TEST_F(Lied, WhatALiedAgeMadeExpireIsTakenFromWhoKnowsItYounger) {
  expire_early();
  honest.carry(message.bytes, 60'000);
  ASSERT_TRUE(victim.holds(message.id));
  EXPECT_EQ(age(), 60'000u);
  net.run(23h);
  EXPECT_TRUE(victim.holds(message.id));
  net.run(1h);
  EXPECT_FALSE(victim.holds(message.id)) << "it lives longer than its lifetime";
}

TEST_F(Lied, WhatIsHeldTakesTheYoungerAge) {
  liar.carry(message.bytes, kLife_ms - 1'000);
  honest.carry(message.bytes, 60'000);
  EXPECT_GE(age(), 60'000u);
  EXPECT_LE(age(), 60'000u + kStep_ms);
  net.run(12h);
  EXPECT_TRUE(victim.holds(message.id));
  liar.carry(message.bytes, kLife_ms - 1'000);
  EXPECT_LE(age(), 60'000u + kStep_ms + ms(12h)) << "it was made older";
}

TEST_F(Lied, NoAgeIsBelowTheTimeSinceItFirstCame) {
  honest.carry(message.bytes, kLife_ms / 2);
  net.run(3h);
  liar.carry(message.bytes, 0);
  EXPECT_GE(age(), ms(3h));
  EXPECT_LE(age(), ms(3h) + kStep_ms);
  net.run(21h);
  EXPECT_FALSE(victim.holds(message.id));
}

// The same over an expiry: it may come back as often as it likes, and ends all the same.
TEST_F(Lied, WhatComesBackEndsWhenItWouldHaveEndedHadItComeNew) {
  expire_early();
  for (int hour = 0; hour < 60; ++hour) {
    liar.carry(message.bytes, kLife_ms - ms(20min));
    liar.carry(message.bytes, 0);
    if (victim.holds(message.id)) {
      EXPECT_LT(hour, 24);
      EXPECT_GE(age(), ms(std::chrono::hours(hour)));
    }
    net.run(1h);
  }
  EXPECT_FALSE(victim.holds(message.id));
}

// A liar that wears out a disk: one that expired is taken again only for ten minutes or more.
TEST_F(Lied, ExpiringAgainAndAgainCostsAWriteInTenMinutesAtMost) {
  expire_early();
  const auto accepted = [this] { return victim.router().counters().envelopes_accepted; };
  const std::uint64_t before = accepted();
  for (int second = 0; second < 3'600; ++second) {
    liar.carry(message.bytes, kLife_ms - ms(10min) - 1);
    net.run(1s);
    liar.carry(message.bytes, kLife_ms - 1);
  }
  EXPECT_LE(accepted() - before, 6u);
}

TEST_F(Lied, WhatWasDeliveredStaysDead) {
  honest.carry(message.bytes, 60'000);
  honest.carry(make_receipt(message.id, message.token));
  ASSERT_FALSE(victim.holds(message.id));
  net.run(2h);  // the receipt has expired
  for (const std::uint64_t age : {std::uint64_t{0}, std::uint64_t{60'000}, kLife_ms - 1}) {
    liar.carry(message.bytes, age);
    EXPECT_FALSE(victim.holds(message.id)) << "age " << age;
  }
}

TEST_F(Lied, WhatExpiredBeforeItsReceiptCameIsNotReadAgain) {
  expire_early();
  honest.carry(make_receipt(message.id, message.token, kLife_s));
  honest.carry(message.bytes, 60'000);
  EXPECT_FALSE(victim.holds(message.id));
  EXPECT_EQ(victim.dropped(DropReason::already_delivered), 1u);
}

TEST_F(Lied, WhatTheAuthorLetExpireIsOver) {
  victim.router().submit(message.bytes, {kLife_ms / 2, 16, 0}, net.now);
  victim.settle(net.now);
  net.run(13h);
  ASSERT_FALSE(victim.holds(message.id));
  liar.carry(message.bytes, 0);
  EXPECT_FALSE(victim.holds(message.id));
}

TEST_F(Lied, ItsReaderReadsItOnce) {
  expire_early();
  victim.person.tags.insert(message.tag);
  honest.carry(message.bytes, 60'000);
  liar.carry(message.bytes, 0);
  net.run(1h);
  liar.carry(message.bytes, 0);
  EXPECT_EQ(victim.person.inbox[message.id], 1);
}

// A liar that brings it to its reader: the receipt must not end with the life that it says is left.
TEST_F(Lied, TheReceiptOfWhatIsReadOldLivesForAWhile) {
  Station& author = net.add();
  author.send(message, net.now);
  victim.person.tags.insert(message.tag);
  liar.carry(message.bytes, kLife_ms - 1);
  EXPECT_EQ(victim.person.inbox[message.id], 1);
  net.run(11h);
  net.connect(0, 1);
  net.run(5s);
  EXPECT_TRUE(author.delivered(message.id));
  EXPECT_FALSE(author.holds(message.id));
}

// What a neighbour that stays was known to have is not offered by it again: it is asked for.
TEST_F(Lied, AStandingNeighbourIsAskedForIt) {
  Station& neighbour = net.add();
  net.connect(0, 1);
  net.run(1s);
  liar.carry(message.bytes, kLife_ms - 20'000);
  victim.settle(net.now);
  Liar bringer(net, 1, 3);
  bringer.carry(message.bytes, 60'000);
  net.run(1s);
  ASSERT_TRUE(victim.holds(message.id));
  net.run(60s);
  EXPECT_TRUE(neighbour.holds(message.id));
  EXPECT_TRUE(victim.holds(message.id));
}

// Nor is anything offered that both had when they met.
TEST_F(Lied, AStandingNeighbourThatHadItAtLinkUpIsAskedForIt) {
  Station& neighbour = net.add();
  Liar bringer(net, 1, 3);
  bringer.carry(message.bytes, 60'000);
  liar.carry(message.bytes, kLife_ms - 20'000);
  net.connect(0, 1);
  net.run(2s);
  ASSERT_TRUE(victim.holds(message.id) && neighbour.holds(message.id));
  net.run(60s);
  EXPECT_TRUE(victim.holds(message.id));
}

// Who got it from here with the false age, and did not take it, gets it with the true one.
TEST_F(Lied, WhoGotItAsNearlyOverGetsItAgain) {
  const Station& neighbour = net.add();
  net.connect(0, 1, 64);
  net.run(2s);
  liar.carry(message.bytes, kLife_ms - 20'000);
  net.step();
  net.now += 15s;  // in pieces, so that it is over when the last of them comes
  net.step();
  net.now += 4s;
  net.pump();
  honest.carry(message.bytes, 60'000);
  net.run(1s);
  EXPECT_TRUE(victim.holds(message.id));
  EXPECT_TRUE(neighbour.holds(message.id));
  EXPECT_LE(*net[1].router().age_ms(message.id, net.now), 60'000u + ms(kStep) + 2'000u);
}

// Asked for again and again by one who was not known to have it, an envelope goes once.
TEST_F(Lied, AskingForWhatOneNeverHadIsBounded) {
  victim.send(message, net.now);
  Liar asker(net, 0, 4);
  const std::vector<wire::EnvelopeId> ids = {message.id};
  asker.claim(ids);
  base::Bytes payload(64);
  payload.resize(wire::encode_ids(ids, payload).value());
  std::size_t heard = 0;
  for (int i = 0; i < 5'000; ++i) {
    asker.say(wire::RecordType::want, payload);
    if (i % 1'000 == 0) heard += asker.hear_envelopes().size();
  }
  heard += asker.hear_envelopes().size();
  EXPECT_GE(heard, 1u) << "what both had may be lost at one end";
  EXPECT_LE(heard, 6u);
  EXPECT_TRUE(victim.holds(message.id));
}

struct Way {
  bool at_once = false;        ///< all links stand from the beginning
  std::uint64_t left_ms = 0;   ///< life that the liar leaves
};

/// Ana, a liar, a relay, Ben, and from Ana to the relay a longer way of two honest ones.
bool arrives(const Way& way) {
  Net net;
  enum : std::size_t { ana, liar, relay, ben, far, farther };
  for (int i = 0; i < 6; ++i) net.add().keeps_disk = false;
  net[liar].says = [&](std::vector<Said>& records) { make_older(records, way.left_ms); };
  const Message message = make_message(net.random, kShape);
  net[ben].person.tags.insert(message.tag);
  net[ana].send(message, net.now);
  const std::pair<std::size_t, std::size_t> honest[] = {
      {ana, far}, {far, farther}, {farther, relay}};
  net.connect(ana, liar);
  net.connect(liar, relay);
  if (way.at_once) {
    for (const auto& [a, b] : honest) net.connect(a, b);
  }
  net.run(120s);
  net.disconnect(ana, liar);
  net.disconnect(liar, relay);
  for (const auto& [a, b] : honest) {
    if (!way.at_once) net.connect(a, b);
    net.run(60s);
    if (!way.at_once) net.disconnect(a, b);
  }
  net.connect(relay, ben);
  net.run(60s);
  EXPECT_LE(net[ben].person.inbox[message.id], 1);
  return net[ben].person.inbox[message.id] == 1;
}

TEST(RaisedAges, OfAQuickLiarDoNotCutAChainWithAnotherWay) {
  for (const bool at_once : {false, true}) {
    for (const std::uint64_t left_ms : {1u, 1'000u, 20'000u, 100'000u}) {
      EXPECT_TRUE(arrives({at_once, left_ms})) << at_once << ", " << left_ms << " ms left";
    }
  }
}

/// One envelope and one router, with nothing but the rules.
struct Oracle {
  std::optional<base::Time> came_first;
  std::optional<base::Time> born;  // while held
  int times_held = 0;

  void pass(base::Time now) {
    if (born && now - *born >= std::chrono::seconds(kLife_s)) born.reset();
  }
  void copy(std::uint64_t age_ms, base::Time now) {
    pass(now);
    if (age_ms >= kLife_ms) return;
    base::Time says = now - std::chrono::milliseconds(age_ms);
    if (came_first) says = std::min(says, *came_first);
    const base::Duration left = says + std::chrono::seconds(kLife_s) - now;
    if (!born && came_first && left < kWorthComingBack) return;
    if (!born) ++times_held;
    born = born ? std::max(*born, says) : says;
    if (!came_first) came_first = now;
  }
};

class RandomAges {
 public:
  explicit RandomAges(std::uint64_t seed) : net_(seed) { net_.add().keeps_disk = false; }

  void run() {
    const Message message = make_message(net_.random, kShape);
    Liar neighbour(net_, 0, 1);
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t age_ms = some_age();
      neighbour.carry(message.bytes, age_ms);
      oracle_.copy(age_ms, net_.now);
      compare(message.id);
      net_.run(some_time());
      oracle_.pass(net_.now);
      compare(message.id);
    }
  }

 private:
  std::uint64_t some_age() {
    switch (net_.random.below(4)) {
      case 0: return 0;
      case 1: return kLife_ms - 1 - net_.random.below(1'000'000);
      case 2: return oracle_.came_first ? ms(net_.now - *oracle_.came_first) : 5'000;
      default: return net_.random.below(kLife_ms + 1'000);
    }
  }
  base::Duration some_time() {
    return net_.random.below(3) == 0 ? std::chrono::minutes(net_.random.below(300))
                                     : std::chrono::milliseconds(net_.random.below(900'000));
  }
  /// Near an end the router is too early by steps: what it does then decides for both.
  void compare(const wire::EnvelopeId& id) {
    const auto age = net_[0].router().age_ms(id, net_.now);
    // Two each time that it came: when it first came is remembered to a step.
    const base::Duration steps = 2 * oracle_.times_held * kStep;
    if (!age && oracle_.born && left() < kWorthComingBack + steps) {
      oracle_.born.reset();
    }
    ASSERT_EQ(age.has_value(), oracle_.born.has_value());
    if (!age) return;
    const std::uint64_t true_age = ms(net_.now - *oracle_.born);
    EXPECT_GE(*age, true_age);
    EXPECT_LE(*age, true_age + ms(steps));
  }
  base::Duration left() const {
    return *oracle_.born + std::chrono::seconds(kLife_s) - net_.now;
  }

  Net net_;
  Oracle oracle_;
};

TEST(RaisedAges, AndLoweredOnesAreWhatTheRulesSay) {
  const char* replay = std::getenv("CHASKI_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const char* more = std::getenv("CHASKI_SEEDS");
  const std::uint64_t count = more != nullptr ? std::strtoull(more, nullptr, 10) : 200;
  for (std::uint64_t seed = first; seed <= (replay != nullptr ? first : count); ++seed) {
    SCOPED_TRACE("replay with CHASKI_SEED=" + std::to_string(seed));
    RandomAges(seed).run();
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::mesh_router::test
