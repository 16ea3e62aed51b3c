// SPDX-License-Identifier: Apache-2.0
// Two nodes whose people pair: a contact on one side alone, one that is not verified, a pairing
// that hears whoever was not asked, that outlives its time or the lock, or that a crash tears.
#include <gtest/gtest.h>

#include "node/pairing_table.hpp"
#include "tests/node/parties.hpp"
#include "wire/records.hpp"

namespace chaski::node {
namespace {

using State = e2ee::Pairing::State;

class NodePairing : public testing::Test {
 protected:
  NodePairing() {
    EXPECT_TRUE(anna().create_identity("anna"));
    EXPECT_TRUE(ben().create_identity("ben"));
    pair_.a.settle(pair_.now);
    pair_.b.settle(pair_.now);
  }
  Node& anna() { return *pair_.a.node; }
  Node& ben() { return *pair_.b.node; }
  PairingInfo of_anna() { return anna().pairing(pair_.now); }
  PairingInfo of_ben() { return ben().pairing(pair_.now); }
  void link() {
    pair_.dial(0);
    pair_.run();
  }
  void start_both() {
    ASSERT_TRUE(anna().start_pairing("", pair_.now));
    ASSERT_TRUE(ben().start_pairing("", pair_.now));
    pair_.run();
  }
  void expect_met() {
    for (Party* party : {&pair_.a, &pair_.b}) {
      const PairingInfo info = party->node->pairing(pair_.now);
      EXPECT_EQ(info.phase, PairingPhase::met) << to_string(info.why);
      ASSERT_TRUE(info.contact);
      EXPECT_EQ(info.contact->trust, Trust::verified);
    }
    EXPECT_EQ(anna().find_contact("ben")->trust, Trust::verified);
    EXPECT_EQ(ben().find_contact("anna")->trust, Trust::verified);
    ASSERT_TRUE(anna().send("ben", "from anna", {}, pair_.now, {}));
    ASSERT_TRUE(ben().send("anna", "from ben", {}, pair_.now, {}));
    pair_.run();
    EXPECT_EQ(pair_.a.inbox(), std::vector<std::string>{"from ben"});
    EXPECT_EQ(pair_.b.inbox(), std::vector<std::string>{"from anna"});
  }

  Pair pair_{1};
};

TEST_F(NodePairing, TwoNeighboursBecomeVerifiedContacts) {
  link();
  start_both();
  ASSERT_EQ(of_anna().peers.size(), 1u);
  ASSERT_EQ(of_ben().peers.size(), 1u);
  EXPECT_EQ(of_anna().peers[0].symbols, of_ben().peers[0].symbols);
  EXPECT_TRUE(anna().contacts().empty());
  ASSERT_TRUE(anna().confirm_pairing(1, pair_.now));
  pair_.run();
  EXPECT_TRUE(of_ben().peers[0].they_confirmed);
  EXPECT_TRUE(ben().contacts().empty()) << "named before both have confirmed";
  ASSERT_TRUE(ben().confirm_pairing(e2ee::words_of(of_ben().peers[0].symbols), pair_.now));
  pair_.run();
  expect_met();
  EXPECT_EQ(pair_.a.all<ContactChanged>().size(), 1u);
  EXPECT_EQ(pair_.b.all<ContactChanged>().size(), 1u);
  EXPECT_FALSE(pair_.a.all<PairingChanged>().empty());
}

TEST_F(NodePairing, WhoeverOfThemBeginsAndWheneverTheLinkComes) {
  for (const int order : {0, 1, 2, 3}) {
    Pair pair(static_cast<std::uint64_t>(order) + 5);
    ASSERT_TRUE(pair.a.node->create_identity("anna"));
    ASSERT_TRUE(pair.b.node->create_identity("ben"));
    Party& first = order % 2 == 0 ? pair.a : pair.b;
    Party& second = order % 2 == 0 ? pair.b : pair.a;
    if (order < 2) pair.dial(0);
    pair.run();
    ASSERT_TRUE(first.node->start_pairing("", pair.now));
    pair.wait(10s);
    ASSERT_TRUE(second.node->start_pairing("", pair.now));
    if (order >= 2) pair.dial(1);
    pair.run();
    ASSERT_EQ(first.node->pairing(pair.now).peers.size(), 1u) << order;
    ASSERT_TRUE(second.node->confirm_pairing(1, pair.now));
    ASSERT_TRUE(first.node->confirm_pairing(1, pair.now));
    pair.run();
    EXPECT_EQ(first.node->pairing(pair.now).phase, PairingPhase::met) << order;
    EXPECT_EQ(second.node->pairing(pair.now).phase, PairingPhase::met) << order;
  }
}

TEST_F(NodePairing, TheNameThatWasAskedForIsTaken) {
  link();
  ASSERT_TRUE(anna().start_pairing("my friend", pair_.now));
  ASSERT_TRUE(ben().start_pairing("", pair_.now));
  pair_.run();
  ASSERT_TRUE(anna().confirm_pairing(1, pair_.now));
  ASSERT_TRUE(ben().confirm_pairing(1, pair_.now));
  pair_.run();
  EXPECT_EQ(of_anna().contact->name, "my friend");
  EXPECT_EQ(anna().start_pairing("my friend", pair_.now).error(), PersonError::name_taken);
  EXPECT_EQ(anna().start_pairing("a\nb", pair_.now).error(), PersonError::bad_name);
}

TEST_F(NodePairing, WhoKnowEachOtherAlreadyAreVerifiedAndGoOnWriting) {
  const auto invite = ben().invite(pair_.now);
  ASSERT_TRUE(anna().add(*invite, "", pair_.now, {}));
  link();
  pair_.run();
  ASSERT_TRUE(ben().find_contact("anna"));
  EXPECT_EQ(ben().find_contact("anna")->trust, Trust::unverified);
  start_both();
  ASSERT_TRUE(anna().confirm_pairing(1, pair_.now));
  ASSERT_TRUE(ben().confirm_pairing(1, pair_.now));
  pair_.run();
  expect_met();
  EXPECT_EQ(anna().contacts().size(), 1u);
  EXPECT_EQ(ben().contacts().size(), 1u);
}

TEST_F(NodePairing, WhoDoesNotPairSaysNothing) {
  link();
  const auto frames_before = pair_.links.begin()->second.to[0].size();
  ASSERT_TRUE(anna().start_pairing("", pair_.now));
  pair_.speak(0);
  pair_.deliver(base::LinkId{1}, 1);
  pair_.speak(1);
  EXPECT_EQ(pair_.links.begin()->second.to[0].size(), frames_before);
  pair_.run();
  EXPECT_TRUE(of_anna().peers.empty());
  EXPECT_EQ(of_ben().phase, PairingPhase::none);
}

TEST_F(NodePairing, ItEndsWithItsTime) {
  link();
  start_both();
  pair_.wait(PairingTable::kTime - 1s);
  EXPECT_EQ(of_anna().phase, PairingPhase::running);
  pair_.wait(1s);
  EXPECT_EQ(of_anna().phase, PairingPhase::over);
  EXPECT_EQ(of_anna().why, PairingEnd::time);
  EXPECT_EQ(anna().confirm_pairing(1, pair_.now).error(), PersonError::no_pairing);
  pair_.run();
  // And begins again, with other symbols.
  const auto before = of_ben().peers[0].symbols;
  start_both();
  EXPECT_NE(of_ben().peers.at(0).symbols, before);
  EXPECT_EQ(of_ben().peers.at(0).symbols, of_anna().peers.at(0).symbols);
}

TEST_F(NodePairing, OneAttemptACommand) {
  link();
  start_both();
  ASSERT_TRUE(anna().start_pairing("", pair_.now));  // again, without the other
  pair_.run();
  EXPECT_EQ(of_ben().peers.at(0).state, State::failed);
  EXPECT_TRUE(of_anna().peers.empty()) << "a second attempt in one command of ben's";
  EXPECT_EQ(ben().confirm_pairing(1, pair_.now).error(), PersonError::unknown_peer);
  ASSERT_TRUE(ben().start_pairing("", pair_.now));
  pair_.run();
  EXPECT_EQ(of_ben().peers.at(0).symbols, of_anna().peers.at(0).symbols);
}

TEST_F(NodePairing, WhoSaysNoEndsItForBoth) {
  link();
  start_both();
  ASSERT_TRUE(anna().confirm_pairing(1, pair_.now));
  ASSERT_TRUE(ben().cancel_pairing(pair_.now));
  pair_.run();
  EXPECT_EQ(of_ben().why, PairingEnd::cancelled);
  EXPECT_EQ(of_anna().why, PairingEnd::they_ended);
  EXPECT_TRUE(anna().contacts().empty());
}

TEST_F(NodePairing, WrongWordsConfirmNobody) {
  link();
  start_both();
  EXPECT_EQ(anna().confirm_pairing("apple apple apple apple apple apple", pair_.now).error(),
            PersonError::words_differ);
  EXPECT_EQ(anna().confirm_pairing("", pair_.now).error(), PersonError::words_differ);
  EXPECT_EQ(anna().confirm_pairing(0u, pair_.now).error(), PersonError::unknown_peer);
  EXPECT_EQ(anna().confirm_pairing(2u, pair_.now).error(), PersonError::unknown_peer);
  EXPECT_FALSE(of_anna().peers[0].we_confirmed);
}

TEST_F(NodePairing, ALinkThatClosesEndsIt) {
  link();
  start_both();
  ASSERT_TRUE(anna().confirm_pairing(1, pair_.now));
  pair_.close(base::LinkId{1}, 1);
  ben().link_closed(base::LinkId{1}, pair_.now);
  pair_.run();
  EXPECT_EQ(of_anna().why, PairingEnd::link_closed);
  EXPECT_FALSE(of_ben().peers.at(0).linked);
  // The same neighbour comes back, and has had its turn.
  link();
  EXPECT_EQ(of_ben().peers.size(), 1u);
}

TEST_F(NodePairing, TheLockEndsIt) {
  link();
  start_both();
  pair_.a.settle(pair_.now);
  anna().lock(pair_.now);
  pair_.run();
  EXPECT_EQ(of_anna().phase, PairingPhase::none);
  EXPECT_TRUE(of_anna().peers.empty());
  EXPECT_EQ(of_ben().peers.at(0).state, State::failed);
  EXPECT_EQ(anna().start_pairing("", pair_.now).error(), PersonError::locked);
  EXPECT_EQ(anna().confirm_pairing(1, pair_.now).error(), PersonError::locked);
  anna().unlock(pair_.now);
  EXPECT_EQ(of_anna().phase, PairingPhase::none);
  start_both();
  EXPECT_EQ(of_anna().peers.size(), 1u);
}

/// At every step of the last part one side loses its power, or the link.
TEST_F(NodePairing, ACrashAtAnyStepLeavesNoHalfContact) {
  int half_way = 0;
  for (const std::size_t victim : {0u, 1u}) {
    for (const bool crash : {true, false}) {
      for (int steps = 0; steps < 24; ++steps) {
        Pair pair(static_cast<std::uint64_t>(steps) + 50);
        ASSERT_TRUE(pair.a.node->create_identity("anna"));
        ASSERT_TRUE(pair.b.node->create_identity("ben"));
        const base::LinkId id = pair.dial(0);
        pair.run();
        ASSERT_TRUE(pair.a.node->start_pairing("", pair.now));
        ASSERT_TRUE(pair.b.node->start_pairing("", pair.now));
        pair.run();
        ASSERT_TRUE(pair.a.node->confirm_pairing(1, pair.now));
        ASSERT_TRUE(pair.b.node->confirm_pairing(1, pair.now));
        for (int i = 0; i < steps; ++i) {
          const auto who = static_cast<std::size_t>(i % 2);
          if (i % 4 < 2) {
            pair.speak(who);
          } else {
            pair.deliver(id, who);
          }
        }
        for (const std::size_t side : {0u, 1u}) {
          pair.close(id, side);
          if (side == victim && crash) {
            pair.side(side).crash(pair.now);
          } else {
            pair.side(side).node->link_closed(id, pair.now);
          }
        }
        pair.run();
        half_way += pair.a.node->contacts().size() != pair.b.node->contacts().size() ? 1 : 0;
        // They are near each other again; what was written down goes on.
        pair.dial(1);
        pair.run();
        pair.wait(5s);
        const auto of_a = pair.a.node->contacts();
        const auto of_b = pair.b.node->contacts();
        ASSERT_EQ(of_a.size(), of_b.size()) << victim << crash << steps;
        if (of_a.empty()) continue;
        EXPECT_EQ(of_a[0].trust, Trust::verified) << victim << crash << steps;
        EXPECT_EQ(of_b[0].trust, Trust::verified) << victim << crash << steps;
      }
    }
  }
  EXPECT_GT(half_way, 0) << "no step lies between the two, so this tests nothing";
}

/// The store that refuses keeps the invitation and the answer here.
TEST_F(NodePairing, NothingThatIsNotDurableLeaves) {
  link();
  start_both();
  ASSERT_TRUE(anna().confirm_pairing(1, pair_.now));
  ASSERT_TRUE(ben().confirm_pairing(1, pair_.now));
  base::Bytes frame(Pair::kFrame);
  // Anna hears the confirmation; her offer waits for the commit.
  pair_.speak(1);
  while (pair_.deliver(base::LinkId{1}, 0)) {
  }
  EXPECT_TRUE(anna().dirty());
  EXPECT_EQ(anna().next_frame(base::LinkId{1}, frame, pair_.now), 0u);
  ASSERT_TRUE(anna().flush(pair_.now));
  EXPECT_GT(anna().next_frame(base::LinkId{1}, frame, pair_.now), 0u);
}

/// Every record and every piece of a hostile neighbour.
TEST_F(NodePairing, MessagesInSmallPiecesAreTheSame) {
  // The smallest frame that a link may have: everything is cut.
  for (const std::size_t room : {64u, 100u, 4'000u}) {
    base::SeededRandom random(3);
    PairingTable here(random);
    PairingTable there(random);
    TalkLink at_here{.id = {1}, .role = base::LinkRole::initiator, .neighbour = {}, .binding = {}};
    TalkLink at_there = at_here;
    at_there.role = base::LinkRole::responder;
    here.start("", {at_here}, base::Time{});
    there.start("", {at_there}, base::Time{});
    const auto pass = [&](PairingTable& from, PairingTable& to) {
      base::Bytes records(room);
      const std::size_t size = from.speak({1}, records);
      wire::RecordReader reader(base::ByteView(records).first(size));
      while (const auto record = reader.next()) {
        if (!*record) break;
        EXPECT_EQ((*record)->type, wire::RecordType::pairing);
        to.heard({1}, (*record)->payload);
      }
      return size;
    };
    while (pass(here, there) + pass(there, here) > 0) {
    }
    ASSERT_EQ(here.info({}).peers.size(), 1u) << room;
    EXPECT_EQ(here.info({}).peers[0].symbols, there.info({}).peers[0].symbols);
    EXPECT_TRUE(here.confirm(1));
    EXPECT_TRUE(there.confirm(1));
    while (pass(here, there) + pass(there, here) > 0) {
    }
    EXPECT_NE(here.meeting(), nullptr);
    EXPECT_NE(there.meeting(), nullptr);
  }
}

}  // namespace
}  // namespace chaski::node
