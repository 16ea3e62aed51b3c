// SPDX-License-Identifier: Apache-2.0
// Time as links see it, in virtual time.
#include <gtest/gtest.h>

#include "link/liveness.hpp"
#include "tests/link/link_pair.hpp"

namespace chaski::link {
namespace {

using namespace std::chrono_literals;
using State = Link::State;
constexpr base::Time kStart{};

TEST(Liveness, AnIdleLinkLivesByPingAndPong) {
  LinkPair pair;
  pair.pump();
  pair.run_to(kStart + 1h, true);
  EXPECT_TRUE(pair.both(State::open));
  // Both ask every 2 s or are asked; far fewer than two frames a second.
  EXPECT_LT(pair.frames().size(), 2 * 3600U);
}

TEST(Liveness, ASilentPeerIsAskedAndThenDead) {
  LinkPair pair;
  pair.pump();
  pair.run_to(kStart + 1999ms, false);
  EXPECT_TRUE(pair.take(pair.initiator()).empty());
  pair.run_to(kStart + 2s, false);
  EXPECT_EQ(pair.take(pair.initiator()).size(), 2 + Link::kSealOverhead) << "a ping";
  EXPECT_TRUE(pair.take(pair.initiator()).empty()) << "asked once";
  pair.run_to(kStart + 5999ms, false);
  EXPECT_TRUE(pair.both(State::open));
  pair.run_to(kStart + 6s, false);
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::silent);
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::silent);
  EXPECT_FALSE(pair.initiator().next_wakeup());
}

TEST(Liveness, ALinkThatCanBeReplacedIsGivenUpSooner) {
  LinkPair pair;
  pair.pump();
  pair.initiator().set_replaceable(true);
  pair.run_to(kStart + 999ms, false);
  EXPECT_TRUE(pair.take(pair.initiator()).empty());
  pair.run_to(kStart + 1s, false);
  EXPECT_EQ(pair.take(pair.initiator()).size(), 2 + Link::kSealOverhead) << "a ping";
  pair.run_to(kStart + 1799ms, false);
  EXPECT_TRUE(pair.both(State::open));
  pair.run_to(kStart + 1800ms, false);
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::silent);
  EXPECT_EQ(pair.responder().state(), State::open) << "its own link is its only one";
}

TEST(Liveness, ALinkThatIsTheLastAgainIsGivenItsTime) {
  LinkPair pair;
  pair.pump();
  pair.initiator().set_replaceable(true);
  pair.run_to(kStart + 1s, false);
  pair.initiator().set_replaceable(false);
  pair.run_to(kStart + 4999ms, false);
  EXPECT_EQ(pair.initiator().state(), State::open);
  pair.run_to(kStart + 5s, false);
  EXPECT_EQ(pair.initiator().state(), State::closed) << "four seconds after it was asked";
}

TEST(Liveness, AnyFrameIsASignOfLife) {
  LinkPair pair;
  pair.pump();
  for (int i = 0; i < 20; ++i) {
    pair.run_to(pair.now() + 1900ms, false);
    base::Bytes frame = pair.seal(pair.initiator(), base::Bytes{0, 0});
    pair.responder().receive(frame, pair.now());
    EXPECT_TRUE(pair.take(pair.responder()).empty());
    base::Bytes back = pair.seal(pair.responder(), base::Bytes{0, 0});
    pair.initiator().receive(back, pair.now());
  }
  EXPECT_TRUE(pair.both(State::open));
}

TEST(Liveness, WhoSleptAsksBeforeItJudges) {
  LinkPair pair;
  pair.pump();
  pair.set_now(kStart + 1h);  // both suspended: no wake() in between
  pair.initiator().wake(pair.now());
  pair.responder().wake(pair.now());
  EXPECT_TRUE(pair.both(State::open));
  pair.pump();
  pair.run_to(pair.now() + 10s, true);
  EXPECT_TRUE(pair.both(State::open));
}

TEST(Liveness, APeerThatConnectsAndSaysNothingIsDropped) {
  LinkPair pair;
  pair.take(pair.initiator());
  pair.run_to(kStart + 4999ms, false);
  EXPECT_TRUE(pair.both(State::handshake));
  pair.run_to(kStart + 5s, false);
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::handshake_timeout);
  EXPECT_EQ(pair.responder().close_reason(), CloseReason::handshake_timeout);
}

TEST(Liveness, TheConfirmationIsPartOfTheHandshake) {
  LinkPair pair;
  for (int i = 0; i < 2; ++i) {
    pair.move(pair.initiator(), pair.responder(), base::LinkRole::initiator);
    if (i == 0) pair.move(pair.responder(), pair.initiator(), base::LinkRole::responder);
  }
  pair.run_to(kStart + 5s, false);
  EXPECT_EQ(pair.initiator().close_reason(), CloseReason::handshake_timeout);
}

TEST(Liveness, JudgesByTheTable) {
  Liveness liveness(LinkTimers{}, kStart);
  using Verdict = Liveness::Verdict;
  EXPECT_EQ(liveness.judge(kStart + 1s), Verdict::alive);
  EXPECT_EQ(liveness.judge(kStart + 2s), Verdict::ask);
  EXPECT_EQ(liveness.judge(kStart + 5s), Verdict::alive);
  liveness.heard(kStart + 5s);
  EXPECT_EQ(liveness.judge(kStart + 6s), Verdict::alive);
  EXPECT_EQ(liveness.judge(kStart + 8s), Verdict::ask);
  EXPECT_EQ(liveness.wakeup(), kStart + 12s);
  EXPECT_EQ(liveness.judge(kStart + 12s), Verdict::dead);
}

}  // namespace
}  // namespace chaski::link
