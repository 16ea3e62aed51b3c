// SPDX-License-Identifier: Apache-2.0
// Cards: what is signed and read, what is refused, and the sessions that they begin.
#include "e2ee/card.hpp"

#include <sodium.h>

#include "bad_points.hpp"
#include "e2ee/answer_stamp.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/setup.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {
namespace {

constexpr std::uint64_t kNow = 1'795'000'000;
constexpr std::size_t kIdentityAt = 18;
constexpr std::size_t kPrekeyAt = kIdentityAt + 64;

struct Cards : testing::Test {
  base::SeededRandom random{21};
  Identity ana = Identity::generate(random);
  Identity ben = Identity::generate(random);
  Identity eve = Identity::generate(random);
  OwnCard own = make_card(ana, "Ana", {.price_bits = 16, .issued_at = kNow, .lifetime_s = 86'400},
                          random);

  /// These bytes signed by this person, as a forger can who has a program of their own.
  base::Bytes sign_anew(base::Bytes bytes, const Identity& signer) {
    std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> public_key{};
    std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> secret{};
    crypto_sign_seed_keypair(public_key.data(), secret.data(), signer.signing_seed().view().data());
    base::Bytes message(16);
    const base::ByteView label = base::as_bytes(label::kCardSignature);
    std::copy(label.begin(), label.end(), message.begin());
    message.insert(message.end(), bytes.begin(), bytes.end() - 64);
    crypto_sign_detached(bytes.data() + bytes.size() - 64, nullptr, message.data(), message.size(),
                         secret.data());
    return bytes;
  }
  base::Bytes with(std::size_t at, base::ByteView what) {
    base::Bytes bytes = card_bytes(own.card);
    std::copy(what.begin(), what.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return bytes;
  }
  InviteError refusal(base::ByteView bytes) {
    const auto read = read_card(bytes);
    EXPECT_FALSE(read);
    return read ? InviteError::own_invite : read.error();
  }
};

bool reads(Session& from, Session& to, std::string_view what, base::Random& random) {
  const auto sealed = from.seal(text(what), 3600, wire::Priority::normal, random);
  const auto envelope = *wire::decode_envelope(sealed.envelope);
  TagChanges changes;
  const auto content = to.open(envelope, {}, changes);
  return content && base::as_text(content->payload) == what;
}

TEST_F(Cards, ComeBackFromBytesAndLinkAsTheyWere) {
  for (const std::string& name : {std::string(), std::string("Ana"), std::string(32, 'x')}) {
    const OwnCard one =
        make_card(ana, name,
                  {.price_bits = 24, .issued_at = kNow, .lifetime_s = kCardLifetimeMax_s}, random);
    const base::Bytes bytes = card_bytes(one.card);
    EXPECT_EQ(bytes.size(), kCardSizeMin + name.size());
    const auto read = read_card(bytes);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, one.card);
    EXPECT_EQ(read->name, name);
    EXPECT_EQ(read->identity, ana.public_identity());
    const std::string link = to_link(one.card);
    EXPECT_EQ(link_kind(link), LinkKind::card);
    EXPECT_LE(link.size(), kLinkSizeMax);
    EXPECT_EQ(*parse_card("  " + link + "\n"), one.card);
    const auto loaded = OwnCard::load(one.save());
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->card, one.card);
    EXPECT_TRUE(loaded->prekey_secret == one.prekey_secret);
  }
  EXPECT_EQ(parse_card(to_link(make_invite(ana, "", random).invite)).error(),
            InviteError::not_an_invite);
  EXPECT_EQ(make_card(ana, "two\nlines", {.issued_at = kNow}, random).card.name, "");
}

TEST_F(Cards, EveryChangedBitIsRefused) {
  const base::Bytes bytes = card_bytes(own.card);
  ASSERT_TRUE(read_card(bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    base::Bytes changed = bytes;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(read_card(changed)) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(read_card(base::ByteView(bytes).first(size))) << size;
  base::Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer), InviteError::damaged);
}

TEST_F(Cards, WhatIsWellSignedAndWrongIsRefusedAllTheSame) {
  const auto number = [](std::uint64_t value) {
    base::Bytes out(8);
    Writer(out).number(value);
    return out;
  };
  EXPECT_TRUE(read_card(sign_anew(card_bytes(own.card), ana)));
  EXPECT_EQ(refusal(sign_anew(with(0, base::Bytes{0}), ana)), InviteError::damaged);
  EXPECT_EQ(refusal(sign_anew(with(0, base::Bytes{2}), ana)), InviteError::newer_version);
  for (const std::uint8_t price : base::Bytes{0, 1, 15, 25, 255})
    EXPECT_EQ(refusal(sign_anew(with(1, base::Bytes{price}), ana)), InviteError::damaged);
  for (const std::uint8_t price : base::Bytes{16, 20, 24})
    EXPECT_TRUE(read_card(sign_anew(with(1, base::Bytes{price}), ana)));
  // It ends before it begins, at once, or too late.
  for (const std::uint64_t ends :
       {std::uint64_t{0}, kNow - 1, kNow, kNow + kCardLifetimeMax_s + 1, UINT64_MAX})
    EXPECT_EQ(refusal(sign_anew(with(10, number(ends)), ana)), InviteError::damaged) << ends;
  EXPECT_TRUE(read_card(sign_anew(with(10, number(kNow + kCardLifetimeMax_s)), ana)));
  EXPECT_EQ(refusal(sign_anew(with(2, number(UINT64_MAX)), ana)), InviteError::damaged);
  base::Bytes bad_name = card_bytes(own.card);
  bad_name[kPrekeyAt + 33] = '\n';
  EXPECT_EQ(refusal(sign_anew(bad_name, ana)), InviteError::damaged);
  for (const std::string_view hex : kBadX25519) {
    const base::Bytes point = *base::from_hex(hex);
    EXPECT_EQ(refusal(sign_anew(with(kIdentityAt, point), ana)), InviteError::bad_key) << hex;
    EXPECT_EQ(refusal(sign_anew(with(kPrekeyAt, point), ana)), InviteError::bad_key) << hex;
  }
  for (const std::string_view hex : kBadEd25519) {
    const base::Bytes point = *base::from_hex(hex);
    EXPECT_EQ(refusal(sign_anew(with(kIdentityAt + 32, point), ana)), InviteError::bad_key) << hex;
  }
}

TEST_F(Cards, AnotherSpellingOfASignatureIsRefused) {
  // S + L is the same number to a careless verifier (RFC 8032, 5.1.7): one card, one byte string.
  constexpr std::array<std::uint8_t, 32> kOrder = {
      0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
      0x14, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
      0,    0x10};
  base::Bytes bytes = card_bytes(own.card);
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    std::uint8_t& byte = bytes[bytes.size() - 32 + i];
    carry += unsigned{byte} + kOrder[i];
    byte = static_cast<std::uint8_t>(carry);
    carry >>= 8;
  }
  EXPECT_EQ(refusal(bytes), InviteError::forged);
}

TEST_F(Cards, AnotherSSigningKeyBesideAnOwnAgreementKeyIsNoCardPoison) {
  // Eve shows Ana's signing key beside an agreement key of her own: she cannot sign that.
  const base::Bytes mixed = with(kIdentityAt, eve.public_identity().agreement.view());
  EXPECT_EQ(refusal(mixed), InviteError::forged);
  EXPECT_EQ(refusal(sign_anew(mixed, eve)), InviteError::forged);
  // Nor can she put a prekey of her own into Ana's card.
  const OwnCard hers = make_card(eve, "Ana", {.issued_at = kNow}, random);
  const base::Bytes prekey = with(kPrekeyAt, hers.card.prekey.view());
  EXPECT_EQ(refusal(prekey), InviteError::forged);
  EXPECT_EQ(refusal(sign_anew(prekey, eve)), InviteError::forged);
  // Ana's agreement key beside Eve's signing key is a card of somebody else: another person id.
  base::Bytes other = with(kIdentityAt + 32, eve.public_identity().signing.view());
  const auto read = read_card(sign_anew(other, eve));
  ASSERT_TRUE(read);
  EXPECT_NE(person_id(read->identity), person_id(ana.public_identity()));
}

TEST_F(Cards, ExpireByAClockThatCanBeRight) {
  EXPECT_FALSE(is_expired(own.card, kNow));
  EXPECT_FALSE(is_expired(own.card, kNow + 86'400));
  EXPECT_TRUE(is_expired(own.card, kNow + 86'401));
  EXPECT_FALSE(is_expired(own.card, 0)) << "a machine without a clock of its own";
  EXPECT_FALSE(is_expired(own.card, -1));
  EXPECT_FALSE(is_expired(own.card, kNow - 1));
}

TEST_F(Cards, OneCardBeginsASessionWithEachWhoAnswers) {
  const InvitePublic invite = card_invite(*parse_card(to_link(own.card)));
  const PendingInvite pending = card_pending(own);
  EXPECT_EQ(pending.answer_tag(), answer_tag_of(invite.rendezvous));
  auto first = accept_invite(ben, "Ben", invite, random, 5);
  auto second = accept_invite(eve, "Eve", invite, random, 6);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->unpaid) << "the stamp is obligatory";
  EXPECT_EQ(first->unpaid->price_bits, 16);
  EXPECT_FALSE(is_paid(pending.invite, first->answer.body));
  EXPECT_EQ(accept_invite(ana, "", invite, random).error(), InviteError::own_invite);
  auto from_ben = open_answer(ana, pending, first->answer.body);
  auto from_eve = open_answer(ana, pending, second->answer.body);
  ASSERT_TRUE(from_ben && from_eve);
  EXPECT_EQ(from_ben->identity, ben.public_identity());
  EXPECT_EQ(from_ben->name, "Ben");
  EXPECT_EQ(from_ben->generation, 5u);
  EXPECT_EQ(from_eve->identity, eve.public_identity());
  for (int round = 0; round < 3; ++round) {
    EXPECT_TRUE(reads(first->session, from_ben->session, "hello Ana", random));
    EXPECT_TRUE(reads(from_ben->session, first->session, "hello Ben", random));
    EXPECT_TRUE(reads(second->session, from_eve->session, "hello", random));
    EXPECT_FALSE(reads(second->session, from_ben->session, "hello", random));
  }
}

TEST_F(Cards, TheSameAnswerGivesTheSameSessionAgain) {
  // Why the owner's node opens each answer once: this is what a replay would reset.
  auto accepted = accept_invite(ben, "Ben", card_invite(own.card), random);
  const PendingInvite pending = card_pending(own);
  auto once = open_answer(ana, pending, accepted->answer.body);
  base::Bytes replayed = accepted->answer.body;
  replayed[kAnswerStampAt] ^= 1;  // another nonce: the same answer
  auto again = open_answer(ana, pending, replayed);
  ASSERT_TRUE(once && again);
  EXPECT_EQ(once->session.expected_tags(), again->session.expected_tags());
  EXPECT_EQ(answer_subject(pending.invite.rendezvous, replayed),
            answer_subject(pending.invite.rendezvous, accepted->answer.body));
}

TEST_F(Cards, EveryChangedBitOfAnAnswerFailsOrIsItsStamp) {
  const auto accepted = accept_invite(ben, "Ben", card_invite(own.card), random);
  const PendingInvite pending = card_pending(own);
  for (std::size_t bit = 0; bit < accepted->answer.body.size() * 8; bit += 3) {
    base::Bytes body = accepted->answer.body;
    body[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const bool stamp =
        bit / 8 >= kAnswerStampAt && bit / 8 < kAnswerStampAt + kAnswerStampSize;
    EXPECT_EQ(open_answer(ana, pending, body).has_value(), stamp) << bit;
  }
}

TEST_F(Cards, AnAnswerIsForOneCardAndNoInvitation) {
  const auto accepted = accept_invite(ben, "Ben", card_invite(own.card), random);
  // The next card of the same person, and one that differs in its signature alone.
  const OwnCard next = make_card(ana, "Ana", {.issued_at = kNow + 1}, random);
  EXPECT_FALSE(open_answer(ana, card_pending(next), accepted->answer.body));
  OwnCard otherwise = own;
  otherwise.card.signature.bytes[63] ^= 1;
  EXPECT_FALSE(open_answer(ana, card_pending(otherwise), accepted->answer.body));
  // An invitation with the same keys, secret, name and price.
  PendingInvite invitation = card_pending(own);
  invitation.invite.card.clear();
  EXPECT_FALSE(open_answer(ana, invitation, accepted->answer.body));
  EXPECT_FALSE(open_answer(eve, card_pending(own), accepted->answer.body));
}

TEST_F(Cards, WhoHasTheSignatureAloneOpensNothing) {
  // A thief of the signing key makes a card of Ana's with their own prekey. d2 needs the agreement
  // key, so no session comes of it.
  const OwnCard hers = make_card(eve, "Ana", {.issued_at = kNow}, random);
  base::Bytes bytes = with(kPrekeyAt, hers.card.prekey.view());
  bytes = sign_anew(bytes, ana);
  const auto card = read_card(bytes);
  ASSERT_TRUE(card);
  const auto accepted = accept_invite(ben, "Ben", card_invite(*card), random);
  EXPECT_FALSE(open_answer(eve, card_pending({hers.prekey_secret, *card}), accepted->answer.body));
}

TEST_F(Cards, SavedOnesAreReadWholeOrNotAtAll) {
  const base::Bytes saved = own.save();
  for (std::size_t size = 0; size < saved.size(); ++size)
    EXPECT_FALSE(OwnCard::load(base::ByteView(saved).first(size)));
  for (std::size_t i = 0; i < saved.size(); ++i) {
    base::Bytes changed = saved;
    changed[i] ^= 0x10;
    EXPECT_FALSE(OwnCard::load(changed)) << i;
  }
  OwnCard mixed = own;
  mixed.prekey_secret = make_card(ana, "", {.issued_at = kNow}, random).prekey_secret;
  EXPECT_FALSE(OwnCard::load(mixed.save())) << "a secret of another card";
}

}  // namespace
}  // namespace chaski::e2ee::test
