// SPDX-License-Identifier: Apache-2.0
// A pairing that shows different symbols to the two, says who somebody is too early, or goes on
// after something was wrong.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "e2ee/pairing_keys.hpp"
#include "tests/e2ee/bad_points.hpp"
#include "tests/e2ee/pairing_pair.hpp"

namespace chaski::e2ee::test {
namespace {

using State = Pairing::State;
using Failure = Pairing::Failure;

struct People {
  base::SeededRandom random{99};
  Identity anna = Identity::generate(random);
  Identity bela = Identity::generate(random);
  PendingInvite pending = make_invite(anna, "Anna", random);
};

TEST(Pairing, BothSeeTheSameSymbolsWhoeverBegins) {
  for (const std::size_t first : {0U, 1U, 2U}) {
    PairingPair pair(3);
    // The other's person is slower: the first call is heard by nobody.
    if (first < 2) {
      pair.sides[first].call();
      while (pair.sides[first].next_message()) {
      }
      pair.sides[1 - first].call();
    } else {
      pair.initiator().call();
      pair.responder().call();
    }
    pair.run();
    ASSERT_EQ(pair.initiator().state(), State::comparing) << first;
    ASSERT_EQ(pair.responder().state(), State::comparing) << first;
    EXPECT_EQ(pair.initiator().symbols(), pair.responder().symbols());
  }
}

TEST(Pairing, OtherAttemptsAndOtherLinksHaveOtherSymbols) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    PairingPair pair(seed);
    pair.show();
    seen.insert(words_of(*pair.initiator().symbols()));
  }
  EXPECT_EQ(seen.size(), 50U);
  PairingPair here(1, 7);
  PairingPair there(1, 8);
  here.show();
  there.show();
  EXPECT_NE(here.initiator().symbols(), there.initiator().symbols());
}

TEST(Pairing, TheInvitationAndTheAnswerCross) {
  People people;
  PairingPair pair(1);
  pair.show();
  pair.confirm_both();
  ASSERT_EQ(pair.initiator().state(), State::meeting);
  ASSERT_EQ(pair.responder().state(), State::meeting);
  pair.initiator().offer(people.pending.invite);
  pair.run();
  const auto invite = pair.responder().take_offer();
  ASSERT_TRUE(invite);
  EXPECT_FALSE(pair.responder().take_offer());
  EXPECT_EQ(invite->name, "Anna");
  auto accepted = accept_invite(people.bela, "Béla", *invite, people.random);
  ASSERT_TRUE(accepted);
  pair.responder().answer(accepted->answer.body);
  pair.run();
  pair.responder().finish();
  const auto body = pair.initiator().take_answer();
  ASSERT_TRUE(body);
  const auto answered = open_answer(people.anna, people.pending, *body);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->name, "Béla");
  EXPECT_EQ(answered->identity, people.bela.public_identity());
  pair.initiator().finish();
  EXPECT_EQ(pair.initiator().state(), State::over);
}

TEST(Pairing, NoMeetingBeforeBothHaveConfirmed) {
  for (const std::size_t who : {0U, 1U}) {
    PairingPair pair(1);
    pair.show();
    pair.sides[who].confirm();
    pair.run();
    EXPECT_EQ(pair.sides[0].state(), State::comparing);
    EXPECT_EQ(pair.sides[1].state(), State::comparing);
    EXPECT_TRUE(pair.sides[who].we_confirmed());
    EXPECT_TRUE(pair.sides[1 - who].they_confirmed());
  }
}

TEST(Pairing, AnOfferBeforeTheConfirmationIsNotTaken) {
  People people;
  PairingPair pair(1);
  pair.show();
  pair.confirm_both();
  pair.initiator().offer(people.pending.invite);
  const base::Bytes offer = *pair.initiator().next_message();
  PairingPair again(1);  // the same seed: the same keys
  again.show();
  again.initiator().confirm();
  again.run();
  again.responder().receive(offer, true, again.random);
  EXPECT_EQ(again.responder().failure(), Failure::broke_rules);
  EXPECT_FALSE(again.responder().take_offer());
}

/// What each side has said, up to the answer.
std::array<std::vector<base::Bytes>, 2> whole_talk(std::uint64_t seed, People& people) {
  std::array<std::vector<base::Bytes>, 2> said;
  PairingPair pair(seed);
  const auto run = [&] {
    for (bool moved = true; moved;) {
      moved = false;
      for (const std::size_t from : {0U, 1U}) {
        pair.collect(from);
        for (; !pair.to[1 - from].empty(); pair.to[1 - from].pop_front()) {
          said[from].push_back(pair.to[1 - from].front());
          pair.sides[1 - from].receive(said[from].back(), true, pair.random);
          moved = true;
        }
      }
    }
  };
  pair.initiator().call();
  pair.responder().call();
  run();
  pair.initiator().confirm();
  pair.responder().confirm();
  run();
  pair.initiator().offer(people.pending.invite);
  run();
  const auto invite = pair.responder().take_offer();
  pair.responder().answer(
      accept_invite(people.bela, "Béla", *invite, people.random)->answer.body);
  run();
  EXPECT_TRUE(pair.initiator().take_answer());
  return said;
}

bool contains(base::ByteView where, base::ByteView what) {
  return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end();
}

TEST(Pairing, NoIdentityStandsInAnyMessageInTheClear) {
  People people;
  for (const auto& side : whole_talk(1, people)) {
    for (const base::Bytes& message : side) {
      for (const Identity* who : {&people.anna, &people.bela}) {
        EXPECT_FALSE(contains(message, who->public_identity().agreement.view().first(8)));
        EXPECT_FALSE(contains(message, who->public_identity().signing.view().first(8)));
      }
      EXPECT_FALSE(contains(message, base::as_bytes("Anna")));
      EXPECT_FALSE(contains(message, people.pending.invite.prekey.view().first(8)));
    }
  }
}

TEST(Pairing, OffersOfAllNamesHaveOneSize) {
  People people;
  std::set<std::size_t> sizes;
  for (const char* name : {"", "A", "a name of thirty-two bytes, exact"}) {
    PairingPair pair(1);
    pair.show();
    pair.confirm_both();
    pair.initiator().offer(make_invite(people.anna, name, people.random).invite);
    sizes.insert(pair.initiator().next_message()->size());
  }
  EXPECT_EQ(sizes.size(), 1U);
}

/// Both screens after the first message of this type was changed on its way.
bool agree_after_flip(std::uint8_t type, std::size_t bit) {
  PairingPair pair(1);
  pair.initiator().call();
  pair.responder().call();
  bool flipped = false;
  for (bool moved = true; moved;) {
    moved = false;
    for (const std::size_t to : {0U, 1U}) {
      pair.collect(1 - to);
      if (pair.to[to].empty()) continue;
      base::Bytes& message = pair.to[to].front();
      if (!flipped && message[0] == type) {
        EXPECT_LT(bit / 8 + 1, message.size());
        message[bit / 8 + 1] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        flipped = true;
      }
      moved = pair.deliver(to);
    }
  }
  EXPECT_TRUE(flipped);
  return pair.initiator().symbols() && pair.initiator().symbols() == pair.responder().symbols();
}

TEST(Pairing, EveryFlippedBitOfACommitmentShareOrRevealIsSeen) {
  for (std::size_t bit = 0; bit < std::size_t{8} * 33; ++bit) {
    EXPECT_FALSE(agree_after_flip(2, bit)) << bit;
  }
  for (const std::uint8_t type : std::array<std::uint8_t, 2>{3, 4}) {
    for (std::size_t bit = 0; bit < std::size_t{8} * 64; ++bit) {
      EXPECT_FALSE(agree_after_flip(type, bit)) << int(type) << ' ' << bit;
    }
  }
}

TEST(Pairing, AChangedConfirmationOfferOrAnswerEndsIt) {
  People people;
  for (const int which : {0, 1, 2}) {
    for (std::size_t byte = 1; byte < 16; ++byte) {
      PairingPair pair(1);
      pair.show();
      pair.initiator().confirm();
      base::Bytes message = *pair.initiator().next_message();
      std::size_t victim = 1;
      if (which > 0) {
        pair.responder().confirm();
        pair.to[1].push_back(message);
        pair.run();
        pair.initiator().offer(people.pending.invite);
        message = *pair.initiator().next_message();
      }
      if (which > 1) {
        pair.to[1].push_back(message);
        pair.run();
        const auto invite = pair.responder().take_offer();
        pair.responder().answer(
            accept_invite(people.bela, "b", *invite, people.random)->answer.body);
        message = *pair.responder().next_message();
        victim = 0;
      }
      message[byte] ^= 4;
      pair.sides[victim].receive(message, true, pair.random);
      EXPECT_EQ(pair.sides[victim].failure(), Failure::broke_rules) << which;
      EXPECT_FALSE(pair.sides[victim].take_offer());
      EXPECT_FALSE(pair.sides[victim].take_answer());
      pair.run();
      EXPECT_EQ(pair.sides[1 - victim].failure(), Failure::they_ended);
    }
  }
}

TEST(Pairing, WhatIsOutOfTurnEndsIt) {
  People people;
  const auto said = whole_talk(1, people);
  for (const std::size_t from : {0U, 1U}) {
    for (const base::Bytes& message : said[from]) {
      if (message[0] == 1 || message[0] == 2) continue;  // a call, a commitment: how it begins
      PairingPair pair(1);
      pair.sides[1 - from].call();
      pair.sides[1 - from].receive(message, true, pair.random);
      EXPECT_EQ(pair.sides[1 - from].failure(), Failure::broke_rules) << int(message[0]);
      EXPECT_FALSE(pair.sides[1 - from].shown());
    }
  }
}

TEST(Pairing, ItsOwnMessagesComingBackEndIt) {
  for (const std::size_t who : {0U, 1U}) {
    PairingPair pair(1);
    Pairing& one = pair.sides[who];
    one.call();
    for (int i = 0; i < 10; ++i) {
      while (auto message = one.next_message()) one.receive(*message, true, pair.random);
    }
    EXPECT_FALSE(one.symbols()) << who;
    EXPECT_NE(one.state(), State::comparing);
  }
}

TEST(Pairing, AMirroredShareIsRefused) {
  PairingPair pair(1);
  pair.initiator().call();
  pair.responder().call();
  pair.collect(1);
  pair.initiator().receive(base::Bytes{1, 1}, true, pair.random);
  base::SeededRandom same(1);  // what the initiator drew
  PairingSecret secret;
  PairingShare share;
  generate_pair(same, secret, share.key);
  same.fill(share.nonce.mutable_view());
  base::Bytes message{3};
  message.insert(message.end(), share.key.bytes.begin(), share.key.bytes.end());
  message.insert(message.end(), share.nonce.bytes.begin(), share.nonce.bytes.end());
  pair.initiator().receive(message, true, pair.random);
  EXPECT_EQ(pair.initiator().failure(), Failure::broke_rules);
}

TEST(Pairing, KeysOfLowOrderAreRefused) {
  for (const std::string_view bad : kBadX25519) {
    const auto point = *base::from_hex(bad);
    PairingPair pair(1);
    pair.initiator().call();
    pair.initiator().receive(base::Bytes{1, 1}, true, pair.random);
    base::Bytes message{3};
    message.insert(message.end(), point.begin(), point.end());
    message.resize(65, 9);
    pair.initiator().receive(message, true, pair.random);
    EXPECT_EQ(pair.initiator().failure(), Failure::broke_rules);
  }
}

TEST(Pairing, NothingIsShownThatMayNotBe) {
  for (const std::size_t who : {0U, 1U}) {
    PairingPair pair(1);
    pair.initiator().call();
    pair.responder().call();
    for (int i = 0; i < 20; ++i) {
      for (const std::size_t to : {0U, 1U}) {
        pair.collect(1 - to);
        if (pair.to[to].empty()) continue;
        const base::Bytes message = std::move(pair.to[to].front());
        pair.to[to].pop_front();
        pair.sides[to].receive(message, to != who, pair.random);
      }
    }
    EXPECT_EQ(pair.sides[who].failure(), Failure::exhausted) << who;
    EXPECT_FALSE(pair.sides[who].shown());
    EXPECT_FALSE(pair.sides[who].symbols());
    EXPECT_EQ(pair.sides[1 - who].failure(), Failure::they_ended);
  }
}

TEST(Pairing, EndsForBothWhenOneCancels) {
  for (const int when : {0, 1, 2, 3}) {
    People people;
    PairingPair pair(1);
    pair.initiator().call();
    pair.responder().call();
    if (when > 0) pair.run();
    if (when == 2) pair.initiator().confirm();
    if (when > 2) {
      pair.confirm_both();
      pair.initiator().offer(people.pending.invite);
    }
    pair.responder().cancel();
    pair.run();
    EXPECT_EQ(pair.responder().failure(), Failure::cancelled) << when;
    EXPECT_EQ(pair.initiator().failure(), Failure::they_ended) << when;
    EXPECT_FALSE(pair.responder().take_offer());
  }
}

TEST(Pairing, AStormOfCallsEndsIt) {
  PairingPair pair(1);
  for (unsigned i = 0; i < Pairing::kCallsMax; ++i) {
    pair.responder().receive(base::Bytes{1, 1}, true, pair.random);
    EXPECT_EQ(pair.responder().state(), State::calling);
  }
  pair.responder().receive(base::Bytes{1, 1}, true, pair.random);
  EXPECT_EQ(pair.responder().failure(), Failure::broke_rules);
}

TEST(Pairing, ANewerVersionIsMetInThisOneAndCannotBeHidden) {
  PairingPair pair(1);
  pair.initiator().receive(base::Bytes{1, 2}, true, pair.random);  // speaks 2 as well
  EXPECT_EQ(pair.initiator().state(), State::exchanging);
  pair.initiator().receive(base::Bytes{1, 1}, true, pair.random);
  EXPECT_EQ(pair.initiator().failure(), Failure::broke_rules) << "it said 2 before";
  PairingHistory history;
  const auto before = pairing_transcript(history);
  history.responder_version = 1;
  EXPECT_NE(pairing_transcript(history), before);
}

}  // namespace
}  // namespace chaski::e2ee::test
