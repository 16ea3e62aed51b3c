// SPDX-License-Identifier: Apache-2.0
// Standing invitations: who may answer them, what is bound into the answer, and their list on the
// wire.
#include "e2ee/standing.hpp"

#include <algorithm>

#include "e2ee/setup.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

/// Whether what one says opens at the other, once.
bool reads(Session& from, Session& to, std::string_view what, base::Random& random) {
  const auto sealed = from.seal(text(what), 3600, wire::Priority::normal, random);
  const auto envelope = *wire::decode_envelope(sealed.envelope);
  TagChanges changes;
  const auto content = to.open(envelope, {}, changes);
  return content && base::as_text(content->payload) == what && !to.open(envelope, {}, changes);
}

struct Standing : testing::Test {
  base::SeededRandom random{7};
  Identity ben = Identity::generate(random);  // gave it
  Identity ana = Identity::generate(random);  // may answer it
  Identity eve = Identity::generate(random);
  StandingInvite standing = make_standing(random);
  InvitePublic invite =
      standing_invite(standing.given, ben.public_identity(), ana.public_identity());
  PendingInvite pending =
      standing_pending(standing, ben.public_identity(), ana.public_identity());
};

TEST_F(Standing, OneAnswerMakesASessionBothWays) {
  auto accepted = accept_invite(ana, "", invite, random, 41);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->answer.tag, standing.given.answer_tag());
  EXPECT_EQ(accepted->answer.body.size(), kAnswerBodySize);
  auto answered = open_answer(ben, pending, accepted->answer.body);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->identity, ana.public_identity());
  EXPECT_EQ(answered->generation, 41u);
  EXPECT_TRUE(answered->name.empty());
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(reads(accepted->session, answered->session, "to ben", random));
    EXPECT_TRUE(reads(answered->session, accepted->session, "to ana", random));
  }
}

TEST_F(Standing, NobodyElseMayAnswerIt) {
  // Eve has it in full, as a thief of Ana's backup file without Ana's identity would.
  const auto as_herself = accept_invite(
      eve, "", standing_invite(standing.given, ben.public_identity(), eve.public_identity()),
      random);
  ASSERT_TRUE(as_herself);
  EXPECT_FALSE(open_answer(ben, pending, as_herself->answer.body));
  const auto on_ana_s = accept_invite(eve, "", invite, random);
  ASSERT_TRUE(on_ana_s);
  EXPECT_FALSE(open_answer(ben, pending, on_ana_s->answer.body));
  // The same prekey shown to all would have let her in: it is the bond that keeps her out.
  InvitePublic open_to_all = invite;
  open_to_all.only_for.reset();
  const auto in = accept_invite(eve, "", open_to_all, random);
  EXPECT_TRUE(open_answer(ben, {standing.prekey_secret, open_to_all}, in->answer.body));
  EXPECT_FALSE(open_answer(ben, pending, in->answer.body));
}

TEST_F(Standing, AnAnswerIsForOneInvitationOnly) {
  const auto accepted = accept_invite(ana, "", invite, random);
  const StandingInvite other = make_standing(random);
  EXPECT_FALSE(open_answer(
      ben, standing_pending(other, ben.public_identity(), ana.public_identity()),
      accepted->answer.body));
  EXPECT_FALSE(open_answer(
      ben, standing_pending(standing, ben.public_identity(), eve.public_identity()),
      accepted->answer.body));
}

TEST_F(Standing, EveryChangedBitOfAnAnswerFails) {
  const auto accepted = accept_invite(ana, "", invite, random, 99);
  for (std::size_t bit = 0; bit < accepted->answer.body.size() * 8; bit += 5) {
    base::Bytes body = accepted->answer.body;
    body[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(open_answer(ben, pending, body)) << bit;
  }
}

TEST_F(Standing, TwoAnswersToOneInvitationShareNoKey) {
  // A backup that is restored twice may answer the same one twice: only one of them opens later,
  // and nothing is used twice.
  auto first = accept_invite(ana, "", invite, random, 1);
  auto second = accept_invite(ana, "", invite, random, 1);
  EXPECT_NE(first->answer.body, second->answer.body);
  const auto tags = first->session.expected_tags();
  for (const auto& tag : second->session.expected_tags())
    EXPECT_EQ(std::count(tags.begin(), tags.end(), tag), 0);
  auto answered = open_answer(ben, pending, first->answer.body);
  ASSERT_TRUE(answered);
  EXPECT_FALSE(reads(second->session, answered->session, "hi", random));
}

TEST_F(Standing, TheGenerationIsBoundToTheSession) {
  AcceptorCard card{.identity = ana.public_identity(), .ratchet = {}, .name = "", .generation = 1};
  const base::Bytes said = invite_bytes(invite);
  const Transcript one = transcript_of(said, {}, card);
  card.generation = 2;
  EXPECT_NE(transcript_of(said, {}, card), one);
  EXPECT_TRUE(accept_invite(ana, "", invite, random, kGenerationMax));
}

struct PrekeysPayload : testing::Test {
  base::SeededRandom random{8};
  Prekeys some(std::size_t count) {
    Prekeys out{.serial = 0x0102030405060708, .invitations = {}};
    for (std::size_t i = 0; i < count; ++i) out.invitations.push_back(make_standing(random).given);
    return out;
  }
};

TEST_F(PrekeysPayload, ComesBackAsItWas) {
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{8}, Prekeys::kMax}) {
    const Prekeys prekeys = some(count);
    const base::Bytes bytes = encode_prekeys(prekeys);
    EXPECT_EQ(bytes.size(), 10 + 64 * count);
    const auto read = decode_prekeys(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->serial, prekeys.serial);
    EXPECT_EQ(encode_prekeys(*read), bytes);
  }
}

TEST_F(PrekeysPayload, AnythingElseIsRefused) {
  const base::Bytes good = encode_prekeys(some(3));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(decode_prekeys(base::ByteView(good).first(size))) << size;
  base::Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(decode_prekeys(longer));
  base::Bytes newer = good;
  newer[0] = 2;
  EXPECT_FALSE(decode_prekeys(newer));
  base::Bytes many(10 + 64 * (Prekeys::kMax + 1), 9);
  many[0] = 1;
  many[9] = Prekeys::kMax + 1;
  EXPECT_FALSE(decode_prekeys(many));

  Prekeys twice = some(1);
  twice.invitations.push_back(twice.invitations[0]);
  EXPECT_FALSE(decode_prekeys(encode_prekeys(twice)));
  Prekeys zero = some(1);
  zero.invitations[0].rendezvous = {};
  EXPECT_FALSE(decode_prekeys(encode_prekeys(zero)));
  Prekeys low = some(1);
  low.invitations[0].prekey = {};  // a point of low order
  EXPECT_FALSE(decode_prekeys(encode_prekeys(low)));
}

}  // namespace
}  // namespace chaski::e2ee::test
