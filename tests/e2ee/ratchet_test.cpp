// SPDX-License-Identifier: Apache-2.0
// What somebody who steals a state can read, and when they no longer can.
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

bool opens(Session state, const base::Bytes& sealed) {
  TagChanges changes;
  return state.open(*wire::decode_envelope(sealed), {}, changes).has_value();
}

TEST(Ratchet, AStolenStateDoesNotOpenWhatWasOpenedBefore) {
  base::SeededRandom random(1);
  Pair pair = meet(random);
  std::vector<base::Bytes> earlier;
  for (int i = 0; i < 40; ++i) {
    Person& from = random.below(2) == 0 ? pair.inviter : pair.acceptor;
    Person& to = &from == &pair.inviter ? pair.acceptor : pair.inviter;
    earlier.push_back(from.seal("earlier", random));
    ASSERT_TRUE(to.reads(earlier.back(), "earlier"));
  }
  for (const auto& sealed : earlier) {
    EXPECT_FALSE(opens(pair.inviter.session, sealed));
    EXPECT_FALSE(opens(pair.acceptor.session, sealed));
  }
}

TEST(Ratchet, AStolenSendingStateDoesNotOpenWhatItSent) {
  base::SeededRandom random(2);
  Pair pair = meet(random);
  const auto sent = pair.inviter.seal("sent", random);
  EXPECT_FALSE(opens(pair.inviter.session, sent));
  EXPECT_TRUE(opens(pair.acceptor.session, sent));
}

TEST(Ratchet, HealsAfterARoundTrip) {
  base::SeededRandom random(3);
  Pair pair = meet(random);
  ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("1", random), "1"));
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("2", random), "2"));
  const Session stolen = pair.acceptor.session;
  // Until the owner has made a new ratchet key, the thief reads along.
  const auto while_stolen = pair.inviter.seal("3", random);
  EXPECT_TRUE(opens(stolen, while_stolen));
  ASSERT_TRUE(pair.acceptor.reads(while_stolen, "3"));
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("4", random), "4"));
  // Both have stepped on; the thief follows at most what the old ratchet key agrees to.
  const auto healed = pair.inviter.seal("5", random);
  EXPECT_FALSE(opens(stolen, healed));
  Session following = stolen;
  TagChanges changes;
  ASSERT_TRUE(following.open(*wire::decode_envelope(while_stolen), {}, changes));
  EXPECT_FALSE(opens(following, healed));
  EXPECT_TRUE(pair.acceptor.reads(healed, "5"));
}

TEST(Ratchet, TagsOfTheTwoDirectionsAndOfTwoPairsNeverMeet) {
  base::SeededRandom random(4);
  std::set<wire::DeliveryTag> all;
  std::size_t count = 0;
  for (int i = 0; i < 20; ++i) {
    Pair pair = meet(random);
    for (const Session* session : {&pair.inviter.session, &pair.acceptor.session}) {
      for (const auto& tag : session->expected_tags()) {
        all.insert(tag);
        ++count;
      }
    }
  }
  EXPECT_EQ(all.size(), count);
}

TEST(Ratchet, TheSameStateNeverSealsTwoMessagesUnderOneTag) {
  base::SeededRandom random(5);
  Pair pair = meet(random);
  const auto one = pair.inviter.seal("same", random);
  const auto two = pair.inviter.seal("same", random);
  const auto a = *wire::decode_envelope(one);
  const auto b = *wire::decode_envelope(two);
  EXPECT_NE(a.tag, b.tag);
  EXPECT_NE(a.commitment, b.commitment);
  int equal = 0;
  for (std::size_t i = 0; i < a.body.size(); ++i) equal += a.body[i] == b.body[i];
  EXPECT_LT(equal, 10);
}

}  // namespace
}  // namespace chaski::e2ee::test
