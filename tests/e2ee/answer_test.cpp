// SPDX-License-Identifier: Apache-2.0
#include "e2ee/link_text.hpp"
#include "e2ee/setup.hpp"
#include "pair.hpp"
#include "wire/padding.hpp"

namespace chaski::e2ee::test {
namespace {

/// An invitation and an answer to it.
struct Meeting {
  base::SeededRandom random;
  Identity a = Identity::generate(random);
  Identity b = Identity::generate(random);
  PendingInvite pending = make_invite(a, "Anna", random);
  Accepted accepted = *accept_invite(b, "Bela", pending.invite, random);
  explicit Meeting(std::uint64_t seed) : random(seed) {}
};

TEST(Answer, TellsTheInviterWhoAccepted) {
  Meeting m(1);
  const auto answered = open_answer(m.a, m.pending, m.accepted.answer.body);
  ASSERT_TRUE(answered);
  EXPECT_EQ(answered->identity, m.b.public_identity());
  EXPECT_EQ(answered->name, "Bela");
  EXPECT_EQ(m.accepted.answer.tag, m.pending.answer_tag());
  EXPECT_TRUE(wire::is_padding_class(m.accepted.answer.body.size()));
}

TEST(Answer, HasOneSizeWhateverTheName) {
  Meeting m(2);
  for (const std::string& name : {std::string(), std::string("B"), std::string(32, 'n')}) {
    const auto accepted = accept_invite(m.b, name, m.pending.invite, m.random);
    EXPECT_EQ(accepted->answer.body.size(), 376u);
    EXPECT_EQ(open_answer(m.a, m.pending, accepted->answer.body)->name, name);
  }
}

TEST(Answer, TravelsAsALinkAndAsAnEnvelope) {
  Meeting m(3);
  const auto link = to_link(m.accepted.answer);
  EXPECT_EQ(link_kind(link), LinkKind::answer);
  const auto parsed = parse_answer(" " + link + "\n");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->tag, m.accepted.answer.tag);
  EXPECT_EQ(parsed->body, m.accepted.answer.body);
  const auto bytes = answer_envelope(m.accepted.answer, 600, m.random);
  const auto envelope = wire::decode_envelope(bytes);
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->lifetime_s, 600u);
  EXPECT_EQ(envelope->tag, m.pending.answer_tag());
  EXPECT_EQ(envelope->kind, wire::EnvelopeKind::sealed);
  EXPECT_FALSE(envelope->commitment.is_zero());
  EXPECT_TRUE(open_answer(m.a, m.pending, envelope->body));
}

TEST(Answer, DamagedLinksAreRefused) {
  Meeting m(4);
  const auto link = to_link(m.accepted.answer);
  for (std::size_t i = 0; i < link.size(); ++i) {
    auto changed = link;
    changed[i] = changed[i] == 'q' ? 'z' : 'q';
    EXPECT_FALSE(parse_answer(changed)) << i;
    EXPECT_FALSE(parse_answer(std::string_view(link).substr(0, i))) << i;
  }
  // A right checksum over a body that is too short or has no tag.
  base::Bytes content(1 + 8 + 375, 1);
  EXPECT_EQ(parse_answer(write_link(kAnswerPrefix, content)).error(), InviteError::damaged);
  content.assign(1 + 8 + 376, 1);
  EXPECT_TRUE(parse_answer(write_link(kAnswerPrefix, content)));
  std::fill_n(content.begin() + 1, 8, std::uint8_t{0});
  EXPECT_EQ(parse_answer(write_link(kAnswerPrefix, content)).error(), InviteError::damaged);
}

TEST(Answer, EveryFlippedBitAndEveryLengthFails) {
  Meeting m(5);
  const auto& body = m.accepted.answer.body;
  for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
    auto flipped = body;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ASSERT_FALSE(open_answer(m.a, m.pending, flipped)) << bit;
  }
  for (std::size_t size = 0; size < body.size() + 300; ++size) {
    auto other = body;
    other.resize(size);
    if (size != body.size()) {
      ASSERT_FALSE(open_answer(m.a, m.pending, other)) << size;
    }
  }
}

TEST(Answer, MovedToAnotherInviteOrPersonFails) {
  Meeting m(6);
  const PendingInvite other = make_invite(m.a, "Anna", m.random);
  EXPECT_FALSE(open_answer(m.a, other, m.accepted.answer.body));
  PendingInvite mixed = m.pending;  // the same secrets, another name in it
  mixed.invite.name = "Anne";
  EXPECT_FALSE(open_answer(m.a, mixed, m.accepted.answer.body));
  EXPECT_FALSE(open_answer(m.b, m.pending, m.accepted.answer.body));
  const Identity c = Identity::generate(m.random);
  EXPECT_FALSE(open_answer(c, m.pending, m.accepted.answer.body));
  PendingInvite taken = m.pending;  // a thief of the invitation who is not the inviter
  taken.invite.identity = c.public_identity();
  EXPECT_FALSE(open_answer(c, taken, m.accepted.answer.body));
}

TEST(Answer, OwnInviteIsRefusedOnBothSides) {
  Meeting m(7);
  EXPECT_EQ(accept_invite(m.a, "Anna", m.pending.invite, m.random).error(),
            InviteError::own_invite);
}

TEST(Answer, ClaimingAnotherPersonsKeyFails) {
  // Attack 8 in the list of what broke others: a key that is announced and never proven. The
  // attacker knows the whole invitation and the victim's public keys, but not the victim's secret:
  // they must guess DH(victim, prekey), and the confirmation shows it.
  Meeting m(8);
  const Identity victim = Identity::generate(m.random);
  const Identity attacker = Identity::generate(m.random);
  const auto saved = attacker.save();
  // An identity that says it is the victim and computes with the attacker's secrets.
  Identity liar = *Identity::load(saved);
  const_cast<IdentityPublic&>(liar.public_identity()) = victim.public_identity();
  const auto accepted = accept_invite(liar, "Victim", m.pending.invite, m.random);
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(open_answer(m.a, m.pending, accepted->answer.body));
  // With their own name on it the very same is taken.
  const auto honest = accept_invite(attacker, "Attacker", m.pending.invite, m.random);
  EXPECT_TRUE(open_answer(m.a, m.pending, honest->answer.body));
}

TEST(Answer, SwappedIdentitiesDoNotUnderstandEachOther) {
  // The acceptor believes that the invitation is someone else's: keys agree with nobody.
  Meeting m(9);
  const Identity c = Identity::generate(m.random);
  InvitePublic swapped = m.pending.invite;
  swapped.identity = c.public_identity();
  const auto accepted = accept_invite(m.b, "Bela", swapped, m.random);
  ASSERT_TRUE(accepted);
  EXPECT_FALSE(open_answer(m.a, m.pending, accepted->answer.body));
  PendingInvite taken = m.pending;
  taken.invite = swapped;
  EXPECT_FALSE(open_answer(m.a, taken, accepted->answer.body));
  // Only the signing key swapped: nothing of the agreement changes, and still it fails.
  swapped = m.pending.invite;
  swapped.identity.signing = c.public_identity().signing;
  const auto half = accept_invite(m.b, "Bela", swapped, m.random);
  EXPECT_FALSE(open_answer(m.a, m.pending, half->answer.body));
}

TEST(Answer, TwoAnswersToOneInvitationLookUnrelated) {
  Meeting m(10);
  const auto second = accept_invite(m.b, "Bela", m.pending.invite, m.random);
  int equal = 0;
  for (std::size_t i = 0; i < 376; ++i) {
    equal += second->answer.body[i] == m.accepted.answer.body[i];
  }
  EXPECT_LT(equal, 12);
}

TEST(Answer, TheEphemeralKeyIsNotVisible) {
  // A bare X25519 key has a clear top bit; a covered one has it set half of the time.
  base::SeededRandom random(11);
  const Identity a = Identity::generate(random);
  const Identity b = Identity::generate(random);
  int set = 0;
  for (int i = 0; i < 200; ++i) {
    const PendingInvite pending = make_invite(a, "", random);
    set += accept_invite(b, "", pending.invite, random)->answer.body[31] >> 7;
  }
  EXPECT_GT(set, 60);
  EXPECT_LT(set, 140);
}

}  // namespace
}  // namespace chaski::e2ee::test
