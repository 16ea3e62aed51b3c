// SPDX-License-Identifier: Apache-2.0
// A third who sits between two people that pair, and makes both screens show the same.
//
// 36 bits cannot be tried out, six can: how often do the two first symbols agree? The third may try
// many shares of its own wherever it is free to choose. It must not do better than one in 64. That
// the count would show a weakness is seen by giving the third what the commitment hides.
#include <functional>

#include "tests/e2ee/pairing_pair.hpp"

namespace chaski::e2ee::test {
namespace {

constexpr int kTries = 2'000;
/// 1 in 64 of them, and five standard deviations (of 5.5) more.
constexpr int kAgreeMax = 31 + 28;
constexpr int kShares = 24;  ///< that the third tries

struct Own {
  PairingSecret secret;
  PairingShare share;
  explicit Own(base::Random& random) {
    generate_pair(random, secret, share.key);
    random.fill(share.nonce.mutable_view());
  }
};

base::Bytes joined(std::uint8_t type, std::initializer_list<base::ByteView> parts) {
  base::Bytes out{type};
  for (const base::ByteView part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
base::Bytes as_share(std::uint8_t type, const PairingShare& share) {
  return joined(type, {share.key.view(), share.nonce.view()});
}
PairingShare share_in(base::ByteView message) {
  return {*PairingPublicKey::from(message.subspan(1, 32)),
          *PairingNonce::from(message.subspan(33, 32))};
}
constexpr std::uint8_t kOne = 1;

/// The third's end of one link to an honest person.
struct Leg {
  Leg(PairingRole honest_role, std::uint8_t link, base::Random& random)
      : binding(binding_of(link)), honest(honest_role, binding), honest_random(random) {}
  void give(const base::Bytes& message) { honest.receive(message, true, honest_random); }
  std::optional<base::Bytes> hear(std::uint8_t type) {
    while (auto message = honest.next_message())
      if ((*message)[0] == type) return message;
    return std::nullopt;
  }
  /// The honest person's share, by whatever they say it in.
  PairingShare begin_as_initiator(const Own& own) {
    const PairingCommitment commitment = pairing_commitment(binding, own.share);
    give(joined(2, {{&kOne, 1}, commitment.view()}));
    return share_in(*hear(3));
  }
  PairingSymbols symbols(const Own& own, const PairingShare& theirs) const {
    const bool honest_first = honest.role() == PairingRole::initiator;
    PairingHistory history{.binding = binding,
                           .initiator_version = 1,
                           .responder_version = 1,
                           .initiator = honest_first ? theirs : own.share,
                           .responder = honest_first ? own.share : theirs};
    return pairing_keys(*agree(own.secret.view(), theirs.key.view()), pairing_transcript(history))
        .symbols;
  }

  PairingBinding binding;
  Pairing honest;
  base::Random& honest_random;
};

/// Of some own shares one that gives this first symbol with their share, or any.
Own choose(const Leg& leg, const PairingShare& theirs, std::uint8_t wanted, base::Random& random) {
  Own own(random);
  for (int i = 1; i < kShares && leg.symbols(own, theirs)[0] != wanted; ++i) own = Own(random);
  return own;
}

/// What an honest initiator will reveal: drawn from its generator in this order.
PairingShare peeked(std::uint64_t seed) {
  base::SeededRandom same(seed);
  return Own(same).share;
}

int agreeing(const std::function<bool(std::uint64_t seed)>& attempt) {
  int count = 0;
  for (int i = 0; i < kTries; ++i) count += attempt(static_cast<std::uint64_t>(i) + 1) ? 1 : 0;
  return count;
}

bool agree_at_first(const Leg& a, const Leg& b) {
  const auto& x = a.honest.symbols();
  const auto& y = b.honest.symbols();
  EXPECT_TRUE(x && y);
  EXPECT_NE(x, y) << "all six, once in 2^36";
  return x && y && (*x)[0] == (*y)[0];
}

/// Both dialled by the third: it commits to both, and sees both shares before it reveals.
TEST(PairingAttack, WhoDialledBothCannotMakeThemAgree) {
  const int count = agreeing([](std::uint64_t seed) {
    base::SeededRandom random(seed);
    base::SeededRandom thirds(seed + 1'000'000);
    Leg a(PairingRole::responder, 1, random);
    Leg b(PairingRole::responder, 2, random);
    const Own own_a(thirds);
    const PairingShare of_a = a.begin_as_initiator(own_a);
    // The second commitment may hang on everything that the first link has told.
    const std::uint8_t wanted = a.symbols(own_a, of_a)[0];
    Own own_b = choose(b, of_a, wanted, thirds);
    b.begin_as_initiator(own_b);
    a.give(as_share(4, own_a.share));
    b.give(as_share(4, own_b.share));
    return agree_at_first(a, b);
  });
  EXPECT_LT(count, kAgreeMax);
}

/// The third changes its mind after it committed.
TEST(PairingAttack, WhoRevealsAnotherShareThanCommittedIsSeen) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    base::SeededRandom random(seed);
    Leg leg(PairingRole::responder, 1, random);
    const PairingShare theirs = leg.begin_as_initiator(Own(random));
    leg.give(as_share(4, choose(leg, theirs, 3, random).share));
    EXPECT_EQ(leg.honest.failure(), Pairing::Failure::broke_rules);
    EXPECT_FALSE(leg.honest.symbols());
  }
}

/// Both dialled the third: of each it has only the commitment when it must give its share.
bool both_dialled(std::uint64_t seed, bool peek) {
  base::SeededRandom random_a(seed);
  base::SeededRandom random_b(seed + 500'000);
  base::SeededRandom thirds(seed + 1'000'000);
  Leg a(PairingRole::initiator, 1, random_a);
  Leg b(PairingRole::initiator, 2, random_b);
  a.give({1, 1});
  b.give({1, 1});
  const Own own_a(thirds);
  a.give(as_share(3, own_a.share));
  const PairingShare of_a = share_in(*a.hear(4));
  const std::uint8_t wanted = a.symbols(own_a, of_a)[0];
  // Of b it knows nothing but the commitment; with peeking, what that hides.
  const PairingShare guess = peek ? peeked(seed + 500'000) : of_a;
  b.give(as_share(3, choose(b, guess, wanted, thirds).share));
  return agree_at_first(a, b);
}

TEST(PairingAttack, WhomBothDialledCannotMakeThemAgree) {
  EXPECT_LT(agreeing([](std::uint64_t seed) { return both_dialled(seed, false); }), kAgreeMax);
}

/// One dialled the third, the third dialled the other, in either order.
bool in_the_middle(std::uint64_t seed, bool dialled_first, bool peek) {
  base::SeededRandom random_a(seed);
  base::SeededRandom random_b(seed + 500'000);
  base::SeededRandom thirds(seed + 1'000'000);
  Leg a(PairingRole::initiator, 1, random_a);
  Leg b(PairingRole::responder, 2, random_b);
  a.give({1, 1});
  if (dialled_first) {
    // Commits to b and has b's share, before it gives one to a, of whom it has the commitment.
    const Own own_b(thirds);
    const PairingShare of_b = b.begin_as_initiator(own_b);
    const std::uint8_t wanted = b.symbols(own_b, of_b)[0];
    const PairingShare guess = peek ? peeked(seed) : of_b;
    a.give(as_share(3, choose(a, guess, wanted, thirds).share));
    b.give(as_share(4, own_b.share));
    return agree_at_first(a, b);
  }
  // Finishes with a, then commits to b blind, having seen everything of a.
  const Own own_a(thirds);
  a.give(as_share(3, own_a.share));
  const PairingShare of_a = share_in(*a.hear(4));
  const std::uint8_t wanted = a.symbols(own_a, of_a)[0];
  const Own own_b = choose(b, of_a, wanted, thirds);
  b.begin_as_initiator(own_b);
  b.give(as_share(4, own_b.share));
  return agree_at_first(a, b);
}

TEST(PairingAttack, WhoStandsBetweenCannotMakeThemAgree) {
  for (const bool dialled_first : {true, false}) {
    EXPECT_LT(agreeing([&](std::uint64_t seed) {
                return in_the_middle(seed, dialled_first, false);
              }),
              kAgreeMax)
        << dialled_first;
  }
}

/// The test sees what it looks for: without the commitment, the third agrees at will.
TEST(PairingAttack, WithoutTheCommitmentTheyWouldAgree) {
  const int by_chance = kTries * kShares / 64 / 2;
  EXPECT_GT(agreeing([](std::uint64_t seed) { return both_dialled(seed, true); }), by_chance);
  EXPECT_GT(agreeing([](std::uint64_t seed) { return in_the_middle(seed, true, true); }),
            by_chance);
}

/// The third changes nothing and passes everything on, over links of its own.
TEST(PairingAttack, WhoPassesEverythingOnMakesTwoScreensThatDiffer) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::SeededRandom random(seed);
    Pairing a(PairingRole::initiator, binding_of(1));
    Pairing b(PairingRole::responder, binding_of(2));
    a.call();
    b.call();
    for (int i = 0; i < 10; ++i) {
      while (auto message = a.next_message()) b.receive(*message, true, random);
      while (auto message = b.next_message()) a.receive(*message, true, random);
    }
    EXPECT_FALSE(b.symbols()) << "the commitment names the other link";
    EXPECT_FALSE(a.symbols() && a.symbols() == b.symbols());
  }
}

/// What was said once is said again, to others and on other links.
TEST(PairingAttack, AReplayOfAWholeTalkShowsOtherSymbols) {
  std::vector<base::Bytes> said;
  PairingPair first(1);
  first.initiator().call();
  first.responder().call();
  for (int i = 0; i < 10; ++i) {
    while (auto message = first.initiator().next_message()) {
      said.push_back(*message);
      first.responder().receive(*message, true, first.random);
    }
    while (auto message = first.responder().next_message())
      first.initiator().receive(*message, true, first.random);
  }
  first.initiator().confirm();
  said.push_back(*first.initiator().next_message());
  base::SeededRandom random(2);
  Pairing again(PairingRole::responder, binding_of(7));
  again.call();
  for (const base::Bytes& message : said) {
    if (message[0] == 5 && again.state() == Pairing::State::comparing) again.confirm();
    again.receive(message, true, random);
  }
  EXPECT_EQ(again.failure(), Pairing::Failure::broke_rules) << "the confirmation is of old keys";
  EXPECT_NE(again.symbols(), first.responder().symbols());
}

}  // namespace
}  // namespace chaski::e2ee::test
