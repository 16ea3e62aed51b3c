// SPDX-License-Identifier: Apache-2.0
// A locked node that forgets what it carries, loses what came for its person, or still knows which
// envelopes are theirs.
#include <gtest/gtest.h>

#include "tests/node/parties.hpp"

namespace chaski::node {
namespace {

class Lock : public testing::Test {
 protected:
  Lock() {
    EXPECT_TRUE(anna().create_identity("anna"));
    EXPECT_TRUE(ben().create_identity("ben"));
    const auto link = anna().invite(pair_.now);
    const auto added = ben().add(*link, "", pair_.now, {});
    EXPECT_TRUE(anna().add(*added->answer_link, "", pair_.now, {}));
    pair_.dial(0);
    pair_.run();
  }
  Node& anna() { return *pair_.a.node; }
  Node& ben() { return *pair_.b.node; }
  void lock(Party& party) {
    party.settle(pair_.now);
    party.node->lock(pair_.now);
  }
  MessageState state_of(MessageId id) { return pair_.a.store.people().find_message(id)->state; }

  Pair pair_{1};
};

TEST_F(Lock, WhatConcernsThePersonIsRefused) {
  lock(pair_.a);
  EXPECT_TRUE(anna().locked());
  EXPECT_FALSE(anna().identity());
  EXPECT_EQ(anna().own_name(), "");
  EXPECT_TRUE(anna().contacts().empty());
  EXPECT_FALSE(anna().find_contact("ben"));
  EXPECT_TRUE(anna().work().empty());
  EXPECT_EQ(anna().send("ben", "x", {}, pair_.now, {}).error(), PersonError::locked);
  EXPECT_EQ(anna().invite(pair_.now).error(), PersonError::locked);
  EXPECT_EQ(anna().add("x", "", pair_.now, {}).error(), PersonError::locked);
  EXPECT_EQ(anna().create_identity("x").error(), PersonError::locked);
  EXPECT_EQ(anna().cancel_work("ben").error(), PersonError::locked);
  anna().unlock(pair_.now);
  EXPECT_EQ(anna().own_name(), "anna");
  EXPECT_TRUE(anna().find_contact("ben"));
}

TEST_F(Lock, LinksStayAndWhatComesIsReadAfterTheUnlock) {
  lock(pair_.b);
  ASSERT_TRUE(anna().send("ben", "one", {}, pair_.now, {}));
  ASSERT_TRUE(anna().send("ben", "two", {}, pair_.now, {}));
  pair_.run();
  EXPECT_EQ(ben().neighbours().size(), 1u);
  EXPECT_TRUE(pair_.b.inbox().empty());
  EXPECT_EQ(state_of(1), MessageState::custody);
  ben().unlock(pair_.now);
  pair_.run();
  EXPECT_EQ(pair_.b.inbox(), (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(state_of(1), MessageState::delivered);
  EXPECT_EQ(state_of(2), MessageState::delivered);
}

TEST_F(Lock, AndOverARestartInBetween) {
  lock(pair_.b);
  pair_.b.config.locked = true;
  ASSERT_TRUE(anna().send("ben", "one", {}, pair_.now, {}));
  pair_.run();
  pair_.b.crash(pair_.now);
  EXPECT_TRUE(ben().locked());
  EXPECT_TRUE(pair_.b.inbox().empty());
  ben().unlock(pair_.now);
  pair_.b.settle(pair_.now);
  EXPECT_EQ(pair_.b.inbox(), std::vector<std::string>{"one"});
}

TEST_F(Lock, WhatIsReadIsNotReadAgainAfterTheUnlock) {
  ASSERT_TRUE(anna().send("ben", "one", {}, pair_.now, {}));
  pair_.run();
  for (int i = 0; i < 3; ++i) {
    lock(pair_.b);
    pair_.run();
    ben().unlock(pair_.now);
    pair_.run();
  }
  EXPECT_EQ(pair_.b.inbox(), std::vector<std::string>{"one"});
}

TEST_F(Lock, WhatBecameOfOwnMessagesMeanwhileIsKnown) {
  lock(pair_.b);
  const auto sent = anna().send("ben", "one", {}, pair_.now, {});
  ASSERT_TRUE(sent);
  pair_.run();
  lock(pair_.a);
  ben().unlock(pair_.now);
  pair_.run();
  EXPECT_EQ(state_of(sent->id), MessageState::custody) << "nobody knows whose it was";
  anna().unlock(pair_.now);
  EXPECT_EQ(state_of(sent->id), MessageState::delivered);
}

TEST_F(Lock, NothingInTheRouterTellsOwnFromCarried) {
  const auto sent = anna().send("ben", "one", {}, pair_.now, {});
  ASSERT_TRUE(sent);
  EXPECT_TRUE(anna().router().explain(sent->envelope, pair_.now).local);
  lock(pair_.a);
  const auto locked = anna().router().explain(sent->envelope, pair_.now);
  EXPECT_EQ(locked.presence, mesh_router::Presence::held);
  EXPECT_FALSE(locked.local);
  anna().unlock(pair_.now);
  EXPECT_TRUE(anna().router().explain(sent->envelope, pair_.now).local);
}

}  // namespace
}  // namespace chaski::node
