// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"
#include "base/hex.hpp"
#include "e2ee/answer_stamp.hpp"
#include "e2ee/content.hpp"
#include "e2ee/introduction.hpp"
#include "e2ee/ratchet.hpp"
#include "e2ee/sealing.hpp"
#include "e2ee/session.hpp"
#include "e2ee/setup.hpp"
#include "e2ee/standing.hpp"
#include "tools/vectors/cards.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"
#include "tools/vectors/recorder.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::ByteView;
using base::to_hex;

/// Which fill made which secret: the order in which e2ee asks for them.
enum Fill : std::size_t {
  inviter_agreement,
  inviter_signing,
  acceptor_agreement,
  acceptor_signing,
  prekey,
  rendezvous,
  ephemeral,
  acceptor_ratchet,
  inviter_ratchet,
};

constexpr std::uint32_t kLifetime_s = 86'400;

/// A meeting and the first message, from the acceptor to the inviter.
struct Example {
  Recorder random;
  e2ee::Identity inviter = e2ee::Identity::generate(random);
  e2ee::Identity acceptor = e2ee::Identity::generate(random);
  e2ee::PendingInvite pending = e2ee::make_invite(inviter, "Anna", random);
  e2ee::Accepted accepted = *e2ee::accept_invite(acceptor, "Béla", pending.invite, random);
  e2ee::Answered answered = *e2ee::open_answer(inviter, pending, accepted.answer.body);
  e2ee::Content content = make_content();
  Bytes envelope_bytes =
      accepted.session.seal(content, kLifetime_s, wire::Priority::normal, random).envelope;

  explicit Example(base::Random& from) : random(from) {}
  static e2ee::Content make_content() {
    e2ee::Content out;
    out.sent_at_unix_s = 1'700'000'000;
    const ByteView text = base::as_bytes("first");
    out.payload.assign(text.begin(), text.end());
    return out;
  }
};

/// The set-up worked again step by step from the secrets, as the document has it.
struct Worked {
  Bytes invitation;
  e2ee::EphemeralPublicKey ephemeral_key;
  e2ee::AcceptorCard card;
  e2ee::SetupAgreements agreements;
  e2ee::Transcript transcript;
  e2ee::SetupKeys keys;

  explicit Worked(const Example& x) : invitation(e2ee::invite_bytes(x.pending.invite)) {
    const auto& random = x.random;
    const auto& invite = x.pending.invite;
    e2ee::public_of(random[ephemeral], ephemeral_key.mutable_view());
    e2ee::public_of(random[acceptor_ratchet], card.ratchet.mutable_view());
    card.identity = x.acceptor.public_identity();
    card.name = "Béla";
    agreements = {*e2ee::agree(random[acceptor_agreement], invite.prekey.view()),
                  *e2ee::agree(random[ephemeral], invite.identity.agreement.view()),
                  *e2ee::agree(random[ephemeral], invite.prekey.view())};
    transcript = e2ee::transcript_of(invitation, ephemeral_key, card);
    keys = e2ee::setup_keys(invite.rendezvous, agreements, transcript);
  }
};

Vector identities(const Example& x) {
  const auto& a = x.inviter.public_identity();
  const auto& b = x.acceptor.public_identity();
  Vector out{"identities", "the inviter, Anna, and the acceptor, Béla", {}, {}};
  out.fields["inviter_agreement_secret"] = to_hex(x.random[inviter_agreement]);
  out.fields["inviter_signing_seed"] = to_hex(x.random[inviter_signing]);
  out.fields["inviter_agreement_key"] = to_hex(a.agreement.view());
  out.fields["inviter_signing_key"] = to_hex(a.signing.view());
  out.fields["inviter_person_id"] = to_hex(e2ee::person_id(a).view());
  out.fields["inviter_fingerprint"] = e2ee::fingerprint(a);
  out.fields["acceptor_agreement_secret"] = to_hex(x.random[acceptor_agreement]);
  out.fields["acceptor_signing_seed"] = to_hex(x.random[acceptor_signing]);
  out.fields["acceptor_agreement_key"] = to_hex(b.agreement.view());
  out.fields["acceptor_signing_key"] = to_hex(b.signing.view());
  out.fields["safety_number"] = e2ee::safety_number(a, b);
  return out;
}

Vector invitation(const Example& x, const Worked& worked) {
  Vector out{"invitation", "what the link carries before its checksum", {}, {}};
  out.fields["prekey_secret"] = to_hex(x.random[prekey]);
  out.fields["link"] = e2ee::to_link(x.pending.invite);
  ByteView rest = worked.invitation;
  out.pieces = {cut(rest, 1, "version"),
                cut(rest, 32, "inviter's agreement key"),
                cut(rest, 32, "inviter's signing key"),
                cut(rest, 32, "prekey"),
                cut(rest, 32, "rendezvous secret"),
                cut(rest, 1, "length of the name"),
                cut(rest, rest.size(), "name")};
  return out;
}

Vector setup(const Example& x, const Worked& worked) {
  Vector out{"set-up", "what both sides work out", {}, {}};
  out.fields["ephemeral_secret"] = to_hex(x.random[ephemeral]);
  out.fields["acceptor_ratchet_secret"] = to_hex(x.random[acceptor_ratchet]);
  out.fields["d1"] = to_hex(worked.agreements.acceptor_prekey.view());
  out.fields["d2"] = to_hex(worked.agreements.ephemeral_inviter.view());
  out.fields["d3"] = to_hex(worked.agreements.ephemeral_prekey.view());
  out.fields["transcript"] = to_hex(worked.transcript);
  out.fields["root_key"] = to_hex(worked.keys.root.view());
  out.fields["chain_of_acceptor"] = to_hex(worked.keys.chain_of_acceptor.view());
  out.fields["tags_of_acceptor"] = to_hex(worked.keys.tags_of_acceptor.view());
  out.fields["next_tags_of_acceptor"] = to_hex(worked.keys.next_tags_of_acceptor.view());
  out.fields["tags_of_inviter"] = to_hex(worked.keys.tags_of_inviter.view());
  out.fields["confirmation"] = to_hex(worked.keys.confirmation.view());
  return out;
}

Vector answer(const Example& x) {
  const e2ee::Answer& answer = x.accepted.answer;
  Vector out{"answer", "from the acceptor, called Béla", {}, {}};
  out.fields["tag"] = to_hex(answer.tag.view());
  ByteView rest = answer.body;
  out.pieces = {cut(rest, 32, "ephemeral key, covered"), cut(rest, 328, "sealed text"),
                cut(rest, 16, "authenticator")};
  return out;
}

Vector message(const Example& x, const Worked& worked) {
  const auto envelope = *wire::decode_envelope(x.envelope_bytes);
  e2ee::ChainKey chain = worked.keys.chain_of_acceptor;
  const e2ee::MessageKey key = e2ee::next_message_key(chain);
  Bytes content(envelope.body.size() - e2ee::kHeaderSize - e2ee::kAeadTagSize);
  const e2ee::MessageSecrets secrets = e2ee::message_secrets(key);
  e2ee::write_content(x.content, content);
  Vector out{"message", "the acceptor's first message: \"first\"", {}, {}};
  out.fields["message_key"] = to_hex(key.view());
  out.fields["content_key"] = to_hex(secrets.content.view());
  const auto cover = e2ee::TagChain(worked.keys.tags_of_acceptor).tag_and_mask();
  out.fields["header_mask"] = to_hex(cover.mask);
  out.fields["tag"] = to_hex(envelope.tag.view());
  out.fields["token"] = to_hex(secrets.token.view());
  out.fields["commitment"] = to_hex(envelope.commitment.view());
  out.fields["lifetime_s"] = kLifetime_s;
  out.fields["priority"] = 1;
  const auto direction = e2ee::direction(x.acceptor.public_identity(), x.inviter.public_identity());
  out.fields["associated"] =
      to_hex(e2ee::associated(direction, envelope, envelope.body.first(e2ee::kHeaderSize)));
  out.fields["content"] = to_hex(content);
  ByteView rest = envelope.body;
  out.pieces = {cut(rest, 36, "header, covered: ratchet key, PN = 0"),
                cut(rest, rest.size() - 16, "sealed content"), cut(rest, 16, "authenticator")};
  return out;
}

Vector tags(const Worked& worked) {
  Vector out{"tags", "tags of the acceptor's first epoch", {}, {}};
  const e2ee::TagChain chain(worked.keys.tags_of_acceptor);
  for (const std::uint32_t index : {0U, 1U, 31U, 32U, 33U, 63U, 64U, 1'056U}) {
    out.fields["tag_" + std::to_string(index)] = to_hex(chain.at(index).tag_and_mask().tag.view());
  }
  out.fields["tag_0_of_next_epoch"] =
      to_hex(e2ee::TagChain(worked.keys.next_tags_of_acceptor).next().view());
  return out;
}

/// The inviter's first message after they opened the acceptor's: a ratchet step.
Vector reply(Example& x, const Worked& worked) {
  e2ee::TagChanges changes;
  CHASKI_ASSERT(
      x.answered.session.open(*wire::decode_envelope(x.envelope_bytes), {}, changes).has_value());
  const Bytes bytes =
      x.answered.session.seal(x.content, kLifetime_s, wire::Priority::normal, x.random).envelope;
  const auto envelope = *wire::decode_envelope(bytes);
  e2ee::RatchetPublicKey theirs;
  e2ee::public_of(x.random[inviter_ratchet], theirs.mutable_view());
  const auto step = *e2ee::root_step(
      worked.keys.root, e2ee::RatchetSecret(x.random[inviter_ratchet]), worked.card.ratchet);
  e2ee::ChainKey chain = step.chain;
  Vector out{"reply", "the inviter answers the same: a ratchet step", {}, {}};
  out.fields["inviter_ratchet_secret"] = to_hex(x.random[inviter_ratchet]);
  out.fields["inviter_ratchet_key"] = to_hex(theirs.view());
  out.fields["root_key"] = to_hex(step.root.view());
  out.fields["chain_key"] = to_hex(step.chain.view());
  out.fields["next_tags"] = to_hex(step.tags.view());
  const e2ee::MessageKey key = e2ee::next_message_key(chain);
  out.fields["message_key"] = to_hex(key.view());
  out.fields["tag"] = to_hex(envelope.tag.view());
  out.fields["token"] = to_hex(e2ee::message_secrets(key).token.view());
  ByteView rest = envelope.body;
  out.pieces = {cut(rest, 36, "header, covered"), cut(rest, rest.size() - 16, "sealed content"),
                cut(rest, 16, "authenticator")};
  return out;
}

/// An invitation that asks for 12 bits, and the answer that bears them.
std::vector<Vector> priced(const Example& x, base::Random& random) {
  constexpr std::uint8_t kBits = 12;
  const auto pending = e2ee::make_invite(x.inviter, "Anna", random, kBits);
  auto unpaid = *e2ee::accept_invite(x.acceptor, "Béla", pending.invite, random)->unpaid;
  wire::StampSearch search(unpaid.subject, kBits, 0);
  while (!search.work(std::uint64_t{1} << kBits)) continue;
  unpaid.pay(*search.nonce());
  CHASKI_ASSERT(e2ee::is_paid(pending.invite, unpaid.answer.body));
  CHASKI_ASSERT(e2ee::open_answer(x.inviter, pending, unpaid.answer.body));

  const Bytes said = e2ee::invite_bytes(pending.invite);
  ByteView rest(said);
  Vector invite{"priced-invitation", "an invitation that asks for a stamp of 12 bits", {}, {}};
  invite.fields["link"] = e2ee::to_link(pending.invite);
  invite.pieces = {cut(rest, 1, "version"),
                   cut(rest, 1, "price"),
                   cut(rest, 96, "inviter's agreement key, signing key, prekey"),
                   cut(rest, 32, "rendezvous secret"),
                   cut(rest, rest.size(), "length of the name, name")};
  rest = unpaid.answer.body;
  Vector answer{"priced-answer", "an answer to it, with its stamp", {}, {}};
  answer.fields["subject"] = to_hex(unpaid.subject.view());
  answer.fields["nonce"] = *search.nonce();
  answer.fields["bits"] = wire::stamp_bits(unpaid.subject, *search.nonce());
  answer.pieces = {cut(rest, 32, "covered ephemeral key"), cut(rest, 8, "nonce of the stamp"),
                   cut(rest, rest.size(), "sealed")};
  return {invite, answer};
}

/// A list of two standing invitations, and the acceptor's answer to the first.
std::vector<Vector> standing(const Example& x, base::Random& from) {
  constexpr std::uint64_t kGeneration = 1'700'000'000;
  Recorder random(from);
  const e2ee::StandingInvite first = e2ee::make_standing(random);
  const e2ee::StandingInvite second = e2ee::make_standing(random);
  const e2ee::IdentityPublic& inviter = x.inviter.public_identity();
  const e2ee::IdentityPublic& acceptor = x.acceptor.public_identity();
  const auto invite = e2ee::standing_invite(first.given, inviter, acceptor);
  const auto accepted = *e2ee::accept_invite(x.acceptor, "", invite, random, kGeneration);
  const auto answered = *e2ee::open_answer(
      x.inviter, e2ee::standing_pending(first, inviter, acceptor), accepted.answer.body);
  CHASKI_ASSERT(answered.generation == kGeneration);

  const Bytes list =
      e2ee::encode_prekeys({.serial = 7, .invitations = {first.given, second.given}});
  Vector prekeys{"prekeys", "Anna's list for Béla, the payload of a message", {}, {}};
  prekeys.fields["first_prekey_secret"] = to_hex(random[0]);
  prekeys.fields["second_prekey_secret"] = to_hex(random[2]);
  prekeys.fields["serial"] = 7;
  ByteView rest = list;
  prekeys.pieces = {cut(rest, 1, "version"),          cut(rest, 8, "serial"),
                    cut(rest, 1, "how many"),         cut(rest, 32, "first prekey"),
                    cut(rest, 32, "and rendezvous secret"),
                    cut(rest, 32, "second prekey"),   cut(rest, 32, "and rendezvous secret")};
  Vector answer{"standing-answer", "Béla answers the first: a new session", {}, {}};
  answer.fields["invitation"] = to_hex(e2ee::invite_bytes(invite));
  answer.fields["ephemeral_secret"] = to_hex(random[4]);
  answer.fields["acceptor_ratchet_secret"] = to_hex(random[5]);
  answer.fields["generation"] = kGeneration;
  answer.fields["tag"] = to_hex(accepted.answer.tag.view());
  rest = accepted.answer.body;
  answer.pieces = {cut(rest, 32, "ephemeral key, covered"), cut(rest, 328, "sealed text"),
                   cut(rest, 16, "authenticator")};
  return {prekeys, answer};
}

/// Cleo introduces Anna, who makes what is answered, and Béla, who answers it.
std::vector<Vector> introduction(const Example& x, base::Random& from) {
  constexpr std::uint64_t kGeneration = 1'700'000'000;
  Recorder random(from);
  e2ee::IntroductionId id;
  random.fill(id.mutable_view());
  const e2ee::StandingInvite made = e2ee::make_standing(random);
  const e2ee::IdentityPublic& inviter = x.inviter.public_identity();
  const e2ee::IdentityPublic& acceptor = x.acceptor.public_identity();
  const auto invite = e2ee::standing_invite(made.given, inviter, acceptor);
  const auto accepted = *e2ee::accept_invite(x.acceptor, "Béla", invite, random, kGeneration);
  const auto answered = *e2ee::open_answer(
      x.inviter, e2ee::standing_pending(made, inviter, acceptor), accepted.answer.body);
  CHASKI_ASSERT(answered.name == "Béla");

  const e2ee::IntroductionOffer said{e2ee::IntroductionRole::inviter, "Béla", "from the choir"};
  const Bytes offer = e2ee::encode_introduction({id, said});
  Vector offered{"introduction-offer", "Cleo to Anna", {}, {}};
  offered.fields["id"] = to_hex(id.view());
  ByteView rest = offer;
  offered.pieces = {cut(rest, 1, "version"),
                    cut(rest, 1, "step: offer"),
                    cut(rest, 16, "introduction"),
                    cut(rest, 1, "role: inviter"),
                    cut(rest, 6, "length of the name, name"),
                    cut(rest, rest.size(), "length of the note, note")};
  const Bytes consent = e2ee::encode_introduction({id, e2ee::IntroductionConsent{made.given}});
  Vector agreed{"introduction-consent", "Anna to Cleo", {}, {}};
  agreed.fields["prekey_secret"] = to_hex(random[1]);
  rest = consent;
  agreed.pieces = {cut(rest, 2, "version, step: consent"), cut(rest, 16, "introduction"),
                   cut(rest, 32, "prekey"), cut(rest, 32, "and rendezvous secret")};
  const Bytes meet =
      e2ee::encode_introduction({id, e2ee::IntroductionMeet{inviter, made.given}});
  Vector met{"introduction-meet", "Cleo to Béla", {}, {}};
  met.fields["standing_invitation"] = to_hex(e2ee::invite_bytes(invite));
  rest = meet;
  met.pieces = {cut(rest, 2, "version, step: meet"), cut(rest, 16, "introduction"),
                cut(rest, 64, "Anna's identity"), cut(rest, 32, "prekey"),
                cut(rest, 32, "and rendezvous secret")};
  Vector answer{"introduction-answer", "Béla to Anna, through the mesh", {}, {}};
  answer.fields["ephemeral_secret"] = to_hex(random[3]);
  answer.fields["acceptor_ratchet_secret"] = to_hex(random[4]);
  answer.fields["generation"] = kGeneration;
  answer.fields["tag"] = to_hex(accepted.answer.tag.view());
  rest = accepted.answer.body;
  answer.pieces = {cut(rest, 32, "ephemeral key, covered"), cut(rest, 328, "sealed text"),
                   cut(rest, 16, "authenticator")};
  return {offered, agreed, met, answer};
}

}  // namespace

Page e2ee_vectors(base::Random& random);

Page e2ee_vectors(base::Random& random) {
  Example example(random);
  const Worked worked(example);
  CHASKI_ASSERT(e2ee::TagChain(worked.keys.tags_of_acceptor).next() ==
                wire::decode_envelope(example.envelope_bytes)->tag);
  Page page;
  page.vectors = {identities(example), invitation(example, worked), setup(example, worked),
                  answer(example),     message(example, worked),    reply(example, worked),
                  tags(worked)};
  for (Vector& vector : priced(example, random)) page.vectors.push_back(std::move(vector));
  for (Vector& vector : standing(example, random)) page.vectors.push_back(std::move(vector));
  for (Vector& vector : introduction(example, random)) page.vectors.push_back(std::move(vector));
  for (Vector& vector : card_vectors(example.inviter, example.acceptor, random))
    page.vectors.push_back(std::move(vector));
  return page;
}

}  // namespace chaski::vectors
