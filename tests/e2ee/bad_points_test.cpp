// SPDX-License-Identifier: Apache-2.0
// Keys that would make a secret that anybody knows, or two people out of one, at every place where
// a key comes in. Each answer and message here is right in everything else, so that nothing but the
// check of the key can refuse it.
#include "bad_points.hpp"

#include "e2ee/codec.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/setup.hpp"
#include "field.hpp"
#include "liar.hpp"

namespace chaski::e2ee::test {
namespace {

template <class Key>
Key key_of(std::string_view hex) {
  return *Key::from(*base::from_hex(hex));
}

struct BadPoints : testing::Test {
  base::SeededRandom random{41};
  Identity anna = Identity::generate(random);
  Identity bela = Identity::generate(random);
  PendingInvite pending = make_invite(anna, "Anna", random);
};

TEST_F(BadPoints, AreRefusedByThemselves) {
  for (const auto hex : kBadX25519) EXPECT_FALSE(is_acceptable_x25519(*base::from_hex(hex))) << hex;
  for (const auto hex : kBadEd25519) {
    EXPECT_FALSE(is_acceptable_ed25519(*base::from_hex(hex))) << hex;
  }
  EXPECT_TRUE(is_acceptable_ed25519(*base::from_hex(kGoodEd25519)));
  EXPECT_TRUE(is_acceptable_x25519(anna.public_identity().agreement.view()));
}

TEST_F(BadPoints, OrdinaryPointsOfTheTwistAgreeToSomethingNobodyKnows) {
  // RFC 7748 lets them be, and its curve was chosen so that they do no harm.
  int on_the_twist = 0;
  for (int i = 0; i < 200; ++i) {
    auto point = random.bytes<RatchetPublicKey>();
    point.bytes[31] &= 0x7f;
    on_the_twist += !is_on_curve25519(point.view());
    EXPECT_TRUE(is_acceptable_x25519(point.view()));
    EXPECT_TRUE(agree(anna.agreement_secret().view(), point.view()));
  }
  EXPECT_GT(on_the_twist, 50);
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(is_on_curve25519(Identity::generate(random).public_identity().agreement.view()));
  }
}

TEST_F(BadPoints, InAnInvitation) {
  const auto refused = [&](const InvitePublic& invite) {
    const auto parsed = parse_invite(to_link(invite));
    const auto accepted = accept_invite(bela, "", invite, random);
    return !parsed && parsed.error() == InviteError::bad_key && !accepted;
  };
  EXPECT_FALSE(refused(pending.invite));
  for (const auto hex : kBadX25519) {
    InvitePublic invite = pending.invite;
    invite.prekey = key_of<PrekeyPublic>(hex);
    EXPECT_TRUE(refused(invite)) << hex;
    invite = pending.invite;
    invite.identity.agreement = key_of<AgreementPublicKey>(hex);
    EXPECT_TRUE(refused(invite)) << hex;
  }
  for (const auto hex : kBadEd25519) {
    InvitePublic invite = pending.invite;
    invite.identity.signing = key_of<SigningPublicKey>(hex);
    EXPECT_TRUE(refused(invite)) << hex;
  }
}

/// What an acceptor says who makes an answer by hand. The agreements are those that the inviter
/// will find, so that all that is sealed and confirmed fits.
struct Forged {
  IdentityPublic identity;
  EphemeralPublicKey ephemeral;
  RatchetPublicKey ratchet;
};

base::Bytes forge(const PendingInvite& pending, const Identity& anna, const Forged& forged) {
  const auto found = [](base::ByteView secret, base::ByteView key) {
    const auto shared = agree(secret, key);
    return shared ? *shared : SharedSecret{};  // of low order: all zero, and anybody knows it
  };
  const auto& invite = pending.invite;
  const SharedSecret dh1 = found(pending.prekey_secret.view(), forged.identity.agreement.view());
  const SharedSecret dh2 = found(anna.agreement_secret().view(), forged.ephemeral.view());
  const SharedSecret dh3 = found(pending.prekey_secret.view(), forged.ephemeral.view());
  const base::Bytes said = invite_bytes(invite);
  const AcceptorCard card{forged.identity, forged.ratchet, "Bela"};
  const auto keys =
      setup_keys(invite.rendezvous, {dh1, dh2, dh3}, transcript_of(said, forged.ephemeral, card));
  base::Bytes body(kAnswerBodySize);
  const base::MutableByteView all(body);
  Writer(all).bytes(mask(invite.rendezvous, forged.ephemeral).view());
  const auto plain = all.subspan(32, kAnswerBodySize - 32 - kAeadTagSize);
  Writer(plain)
      .number(std::uint8_t{1})
      .bytes(card.identity.agreement.view())
      .bytes(card.identity.signing.view())
      .bytes(card.ratchet.view())
      .bytes(keys.confirmation.view())
      .short_text(card.name);
  aead_seal(answer_key(invite.rendezvous, dh3).view(), answer_tag_of(invite.rendezvous),
            answer_binding(said, forged.ephemeral), plain, all.last(kAeadTagSize));
  return body;
}

TEST_F(BadPoints, InAnAnswer) {
  AgreementSecret ephemeral_secret;
  Forged good{bela.public_identity(), {}, {}};
  generate_pair(random, ephemeral_secret, good.ephemeral);
  generate_pair(random, ephemeral_secret, good.ratchet);
  const auto opens = [&](const Forged& forged) {
    return open_answer(anna, pending, forge(pending, anna, forged)).has_value();
  };
  ASSERT_TRUE(opens(good)) << "a forged answer is right but for its keys";
  for (const auto hex : kBadX25519) {
    Forged forged = good;
    forged.ephemeral = key_of<EphemeralPublicKey>(hex);
    EXPECT_FALSE(opens(forged)) << "ephemeral " << hex;
    forged = good;
    forged.ratchet = key_of<RatchetPublicKey>(hex);
    EXPECT_FALSE(opens(forged)) << "ratchet " << hex;
    forged = good;
    forged.identity.agreement = key_of<AgreementPublicKey>(hex);
    EXPECT_FALSE(opens(forged)) << "agreement " << hex;
  }
  for (const auto hex : kBadEd25519) {
    Forged forged = good;
    forged.identity.signing = key_of<SigningPublicKey>(hex);
    EXPECT_FALSE(opens(forged)) << "signing " << hex;
  }
}

TEST_F(BadPoints, TheBasePointInAnotherSpellingIsNoEphemeralKey) {
  // With it the agreements are the inviter's own public keys: everything fits but the spelling.
  AgreementSecret secret;
  Forged forged{bela.public_identity(), {}, {}};
  generate_pair(random, secret, forged.ratchet);
  forged.ephemeral.bytes[0] = 9;
  EXPECT_TRUE(open_answer(anna, pending, forge(pending, anna, forged)));
  forged.ephemeral = key_of<EphemeralPublicKey>(
      "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
  EXPECT_FALSE(open_answer(anna, pending, forge(pending, anna, forged)));
}

/// A contact begins an epoch under this ratchet key and seals with what it agrees to.
bool opens_under(const RatchetPublicKey& key) {
  base::SeededRandom same(5);
  Pair pair = meet(same);
  const auto& ours = std::get<SendingEpoch>(SessionSetup::state(pair.acceptor.session).sending);
  const auto& state = SessionSetup::state(pair.inviter.session);
  const auto shared = agree(ours.ratchet_secret.view(), key.view());
  Secret<struct RootRole> all;
  hash(all.mutable_view(), label::kRoot, state.root.view(),
       {shared ? shared->view() : SharedSecret{}.view()});
  Liar liar(pair.inviter.session);
  liar.chain = derive_secret<ChainKey>(label::kRootChain, all.view());
  liar.ratchet = key;
  liar.tags = TagChain(std::get<SendingDue>(state.sending).tags);
  const base::Bytes before = pair.acceptor.session.save();
  const bool opened = pair.acceptor.open(liar.seal()).has_value();
  EXPECT_EQ(pair.acceptor.session.save() == before, !opened);
  return opened;
}

TEST_F(BadPoints, InAHeader) {
  EXPECT_TRUE(opens_under(
      key_of<RatchetPublicKey>("0900000000000000000000000000000000000000000000000000000000000000")))
      << "it is right but for its key";
  for (const auto hex : kBadX25519) {
    EXPECT_FALSE(opens_under(key_of<RatchetPublicKey>(hex))) << hex;
  }
}

TEST_F(BadPoints, InWhatWasSaved) {
  // No attacker writes there; a key that could not have come in is damage.
  auto accepted = accept_invite(bela, "", pending.invite, random);
  const auto answered = open_answer(anna, pending, accepted->answer.body);
  const base::Bytes saved = answered->session.save();
  constexpr std::size_t kTheirs = 1 + 3 * 32 + 1;
  for (const auto hex : kBadX25519) {
    base::Bytes changed = saved;
    std::copy_n(base::from_hex(hex)->begin(), 32, changed.begin() + kTheirs);
    finish_record(changed);
    EXPECT_FALSE(Session::load(changed)) << hex;
  }
  EXPECT_TRUE(Session::load(saved));
}

TEST_F(BadPoints, AnothersSigningKeyBesideOnesOwnMakesAnotherPerson) {
  // Row 9 of the attacks: the victim's one key with the attacker's other. It is neither of them,
  // the safety number differs from both, and nobody who has met the victim takes it for them.
  IdentityPublic mixed = bela.public_identity();
  mixed.signing = anna.public_identity().signing;
  for (const auto& one : {anna.public_identity(), bela.public_identity()}) {
    EXPECT_NE(person_id(mixed), person_id(one));
    EXPECT_NE(fingerprint(mixed), fingerprint(one));
    EXPECT_NE(safety_number(mixed, one), safety_number(one, one));
  }
  const auto accepted = accept_invite(bela, "Bela", pending.invite, random);
  const auto answered = open_answer(anna, pending, accepted->answer.body);
  EXPECT_FALSE(answered->identity == mixed);
}

}  // namespace
}  // namespace chaski::e2ee::test
