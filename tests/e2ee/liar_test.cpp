// SPDX-License-Identifier: Apache-2.0
// A contact whose program is broken or hostile: right keys, wrong contents.
#include "liar.hpp"

namespace chaski::e2ee::test {
namespace {

/// Whether the acceptor opens what a liar in the inviter's place says; a refusal changes nothing.
template <class Change>
bool taken(Change change) {
  base::SeededRandom random(1);
  Pair pair = meet(random);
  Liar liar(pair.inviter.session);
  change(liar);
  const auto before = pair.acceptor.session.save();
  const bool opened = pair.acceptor.open(liar.seal()).has_value();
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  EXPECT_EQ(pair.acceptor.session.save() == before, !opened);
  return opened;
}

TEST(Liar, HonestIsTaken) {
  EXPECT_TRUE(taken([](Liar&) {}));
}

TEST(Liar, ACommitmentThatIsNotTheTokensIsRefused) {
  EXPECT_FALSE(taken([](Liar& liar) { liar.commitment_flaw = 1; }));
}

TEST(Liar, UnknownContentIsRefusedAndStaysClosedUntilItIsKnown) {
  EXPECT_FALSE(taken([](Liar& liar) { liar.version = 3; }));
  EXPECT_FALSE(taken([](Liar& liar) { liar.kind = 9; }));
  EXPECT_FALSE(taken([](Liar& liar) { liar.kind = 0; }));
  EXPECT_FALSE(taken([](Liar& liar) { liar.flags = 4; }));
}

TEST(Liar, ARatchetKeyThatMustBeRefused) {
  EXPECT_FALSE(taken([](Liar& liar) { liar.ratchet = {}; }));
  EXPECT_FALSE(taken([](Liar& liar) { liar.ratchet.bytes[31] |= 0x80; }));
}

TEST(Liar, AnotherDirectionIsRefused) {
  EXPECT_FALSE(taken([](Liar& liar) { liar.outgoing.bytes[0] ^= 1; }));
}

TEST(Liar, APreviousLengthWithoutEndIsBounded) {
  base::SeededRandom random(2);
  Pair pair = meet(random);
  // The acceptor has a running epoch of the inviter, then the next starts with an absurd length.
  ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("1", random), "1"));
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("2", random), "2"));
  Liar liar(pair.inviter.session);
  liar.previous_length = 0xffff'ffff;
  EXPECT_TRUE(pair.acceptor.open(liar.seal()));
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  EXPECT_EQ(pair.acceptor.table.size(), Session::kSkippedMax + 192);
}

TEST(Liar, APreviousLengthThatIsTooSmallForgetsWhatWasExpected) {
  base::SeededRandom random(3);
  Pair pair = meet(random);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("1", random), "1"));
  }
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("2", random), "2"));
  Liar liar(pair.inviter.session);
  liar.previous_length = 3;
  EXPECT_TRUE(pair.acceptor.open(liar.seal()));
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  EXPECT_EQ(pair.acceptor.table.size(), 192u);
}

TEST(Liar, ALengthThatFillsUpWhileOthersWaitEvictsTheOldest) {
  base::SeededRandom random(4);
  Pair pair = meet(random);
  // 63 are passed over, then 2,000 more come with the end of the epoch: more than fit.
  for (int i = 0; i < 63; ++i) pair.inviter.seal("lost", random);
  ASSERT_TRUE(pair.acceptor.reads(pair.inviter.seal("1", random), "1"));
  ASSERT_TRUE(pair.inviter.reads(pair.acceptor.seal("2", random), "2"));
  Liar liar(pair.inviter.session);
  liar.previous_length = 1'000'000;
  EXPECT_TRUE(pair.acceptor.open(liar.seal()));
  EXPECT_TRUE(pair.acceptor.table.equals(pair.acceptor.session));
  EXPECT_EQ(pair.acceptor.table.size(), Session::kSkippedMax + 192);
}

}  // namespace
}  // namespace chaski::e2ee::test
