// SPDX-License-Identifier: Apache-2.0
// A contact whose program is broken or hostile: right keys, wrong contents.
#include "e2ee/content.hpp"
#include "e2ee/session_state.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

/// Seals by hand with the keys of a session, so that anything can be said.
struct Liar {
  Direction outgoing;
  RatchetPublicKey ratchet;
  ChainKey chain;
  TagChain tags;
  std::uint32_t previous_length = 0;
  wire::ReceiptToken token{{7}};
  wire::ReceiptCommitment commitment = wire::commit(token);
  std::uint8_t version = 1;
  std::uint8_t kind = 1;

  explicit Liar(const Session& session) {
    SessionSetup::State state = SessionSetup::state(session);
    base::SeededRandom random(77);
    const SendingEpoch& sending = begin_sending(state, random);
    outgoing = state.outgoing;
    ratchet = sending.ratchet_public;
    chain = sending.chain;
    tags = sending.tags;
  }
  base::Bytes seal() {
    const auto cover = tags.next_with_mask();
    const auto key = next_message_key(chain);
    base::Bytes body(160);
    const base::MutableByteView all(body);
    write_header({ratchet, previous_length}, cover, all.first(kHeaderSize));
    const auto plain = all.subspan(kHeaderSize, body.size() - kHeaderSize - kAeadTagSize);
    write_content(text("lie"), token, plain);
    plain[0] = version;
    plain[1] = kind;
    wire::EnvelopeFields envelope;
    envelope.lifetime_s = 60;
    envelope.tag = cover.tag;
    envelope.commitment = commitment;
    envelope.body = body;
    aead_seal(key.view(), cover.tag, associated(outgoing, envelope, all.first(kHeaderSize)), plain,
              all.last(kAeadTagSize));
    return wire::encode_envelope(envelope);
  }
};

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
  EXPECT_FALSE(taken([](Liar& liar) { liar.commitment.bytes[3] ^= 1; }));
}

TEST(Liar, UnknownContentIsRefusedAndStaysClosedUntilItIsKnown) {
  EXPECT_FALSE(taken([](Liar& liar) { liar.version = 2; }));
  EXPECT_FALSE(taken([](Liar& liar) { liar.kind = 2; }));
  EXPECT_FALSE(taken([](Liar& liar) { liar.kind = 0; }));
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
