// SPDX-License-Identifier: Apache-2.0
#include "e2ee/answer_stamp.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/name.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/session_state.hpp"
#include "e2ee/setup.hpp"
#include "wire/padding.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kAnswerVersion = 1;
/// What stands before the sealed part: the covered key, and the stamp's nonce if there is a price.
std::size_t head_size(const InvitePublic& invite) {
  return kAnswerStampAt + (invite.price_bits == 0 ? 0 : kAnswerStampSize);
}
std::size_t text_size(const InvitePublic& invite) {
  return kAnswerBodySize - head_size(invite) - kAeadTagSize;
}
/// Version, identity, ratchet key, confirmation, longest name, generation.
static_assert(1 + 64 + 32 + 32 + 1 + kNameSizeMax + 8 <=
              kAnswerBodySize - kAnswerStampAt - kAnswerStampSize - kAeadTagSize);

/// What the sealed part of an answer says.
struct AnswerText {
  AcceptorCard card;
  Confirmation confirmation;
};

void write_answer(const AnswerText& answer, base::MutableByteView out) {
  Writer writer(out);
  writer.number(kAnswerVersion)
      .bytes(answer.card.identity.agreement.view())
      .bytes(answer.card.identity.signing.view())
      .bytes(answer.card.ratchet.view())
      .bytes(answer.confirmation.view())
      .short_text(answer.card.name)
      .number(answer.card.generation);
  std::fill(writer.rest().begin(), writer.rest().end(), std::uint8_t{0});
}

std::optional<AnswerText> read_answer(base::ByteView text) {
  Reader reader(text);
  AnswerText out;
  const bool known = revealed(reader.number<std::uint8_t>()) == kAnswerVersion;
  reader.fill(out.card.identity.agreement);
  reader.fill(out.card.identity.signing);
  reader.fill(out.card.ratchet);
  reader.fill(out.confirmation);
  // Who they are is for us to know, now that the text is authentic.
  reveal(out.card);
  if (!reader.rest().empty()) reveal(reader.rest().front());
  out.card.name = reader.short_text();
  for (const char& c : out.card.name) reveal(c);
  out.card.generation = revealed(reader.number<std::uint64_t>());
  if (!reader.ok() || !known || !is_valid_name(out.card.name) ||
      out.card.generation > kGenerationMax || !has_acceptable_keys(out.card.identity) ||
      !is_acceptable_x25519(out.card.ratchet.view()) ||
      !is_all_zero(reader.rest())) {
    return std::nullopt;
  }
  return out;
}

/// The acceptor's first state: their first chain comes from the set-up itself.
SessionSetup::State acceptor_state(const IdentityPublic& acceptor, const InvitePublic& invite,
                                   const SetupKeys& keys, const RatchetSecret& secret,
                                   const RatchetPublicKey& public_key) {
  return SessionSetup::State{
      .outgoing = direction(acceptor, invite.identity),
      .incoming = direction(invite.identity, acceptor),
      .root = keys.root,
      .sending = SendingEpoch{secret, public_key, keys.chain_of_acceptor,
                              TagChain(keys.tags_of_acceptor), 0, keys.next_tags_of_acceptor},
      .receiving = std::nullopt,
      .next = TagWindow(TagChain(keys.tags_of_inviter)),
      .skipped = {}};
}

/// The inviter's first state: the step that the acceptor's ratchet key asks for is due.
SessionSetup::State inviter_state(const PendingInvite& pending, const AcceptorCard& acceptor,
                                  const SetupKeys& keys) {
  return SessionSetup::State{
      .outgoing = direction(pending.invite.identity, acceptor.identity),
      .incoming = direction(acceptor.identity, pending.invite.identity),
      .root = keys.root,
      .sending = SendingDue{acceptor.ratchet, 0, keys.tags_of_inviter},
      .receiving =
          ReceivingEpoch{keys.chain_of_acceptor, TagWindow(TagChain(keys.tags_of_acceptor))},
      .next = TagWindow(TagChain(keys.next_tags_of_acceptor)),
      .skipped = {}};
}

}  // namespace

base::Expected<Accepted, InviteError> accept_invite(const Identity& us, std::string_view our_name,
                                                    const InvitePublic& invite,
                                                    base::Random& random,
                                                    std::uint64_t generation) {
  CHASKI_ASSERT(generation <= kGenerationMax);
  if (invite.identity == us.public_identity()) return base::unexpected(InviteError::own_invite);
  if (!has_acceptable_keys(invite)) return base::unexpected(InviteError::bad_key);
  Secret<struct EphemeralRole> ephemeral_secret;
  EphemeralPublicKey ephemeral;
  generate_pair(random, ephemeral_secret, ephemeral);
  RatchetSecret ratchet_secret;
  AnswerText text;
  generate_pair(random, ratchet_secret, text.card.ratchet);
  text.card.identity = us.public_identity();
  if (is_valid_name(our_name)) text.card.name = our_name;
  text.card.generation = generation;

  const auto dh1 = agree(us.agreement_secret().view(), invite.prekey.view());
  const auto dh2 = agree(ephemeral_secret.view(), invite.identity.agreement.view());
  const auto dh3 = agree(ephemeral_secret.view(), invite.prekey.view());
  if (!dh1 || !dh2 || !dh3) return base::unexpected(InviteError::bad_key);
  const base::Bytes said = invite_bytes(invite);
  const SetupKeys keys =
      setup_keys(invite.rendezvous, {*dh1, *dh2, *dh3}, transcript_of(said, ephemeral, text.card));
  auto state =
      acceptor_state(us.public_identity(), invite, keys, ratchet_secret, text.card.ratchet);
  text.confirmation = keys.confirmation;
  Answer answer{answer_tag_of(invite.rendezvous), base::Bytes(kAnswerBodySize)};
  const base::MutableByteView body(answer.body);
  Writer(body).bytes(mask(invite.rendezvous, ephemeral).view());
  const base::MutableByteView plain = body.subspan(head_size(invite), text_size(invite));
  write_answer(text, plain);
  aead_seal(answer_key(invite.rendezvous, *dh3).view(), answer.tag, answer_binding(said, ephemeral),
            plain, body.last(kAeadTagSize));
  std::optional<UnpaidAnswer> unpaid;
  if (invite.price_bits != 0) {
    random.fill(body.subspan(kAnswerStampAt, kAnswerStampSize));
    unpaid =
        UnpaidAnswer{answer, answer_subject(invite.rendezvous, answer.body), invite.price_bits};
  }
  return Accepted{SessionSetup::make(std::move(state)), std::move(answer), std::move(unpaid)};
}

base::Expected<Answered, OpenFailed> open_answer(const Identity& us, const PendingInvite& pending,
                                                 base::ByteView body) {
  const auto failed = base::unexpected(OpenFailed{});
  const InvitePublic& invite = pending.invite;
  if (body.size() != kAnswerBodySize || invite.identity != us.public_identity()) return failed;
  const EphemeralPublicKey ephemeral =
      mask(invite.rendezvous, *EphemeralPublicKey::from(body.first(32)));
  if (!is_acceptable_x25519(ephemeral.view())) return failed;
  const auto dh3 = agree(pending.prekey_secret.view(), ephemeral.view());
  if (!dh3) return failed;
  const base::Bytes said = invite_bytes(invite);
  base::Bytes plain(text_size(invite));
  if (!aead_open(answer_key(invite.rendezvous, *dh3).view(), pending.answer_tag(),
                 answer_binding(said, ephemeral), body.subspan(head_size(invite)), plain)) {
    return failed;
  }
  const auto text = read_answer(plain);
  if (!text || text->card.identity == us.public_identity()) return failed;
  if (invite.only_for && text->card.identity != *invite.only_for) return failed;

  const auto dh1 = agree(pending.prekey_secret.view(), text->card.identity.agreement.view());
  const auto dh2 = agree(us.agreement_secret().view(), ephemeral.view());
  if (!dh1 || !dh2) return failed;
  const SetupKeys keys =
      setup_keys(invite.rendezvous, {*dh1, *dh2, *dh3}, transcript_of(said, ephemeral, text->card));
  if (!(keys.confirmation == text->confirmation)) return failed;
  return Answered{text->card.identity, std::string(text->card.name),
                  SessionSetup::make(inviter_state(pending, text->card, keys)),
                  text->card.generation};
}

base::Bytes answer_envelope(const Answer& answer, std::uint32_t lifetime_s, base::Random& random) {
  wire::EnvelopeFields envelope;
  envelope.lifetime_s = lifetime_s;
  envelope.tag = answer.tag;
  envelope.commitment = wire::commit(random.bytes<wire::ReceiptToken>());
  envelope.body = answer.body;
  return wire::encode_envelope(envelope);
}

std::string to_link(const Answer& answer) {
  base::Bytes content(1 + wire::DeliveryTag::kSize + answer.body.size());
  Writer(content).number(kLinkVersion).bytes(answer.tag.view()).bytes(answer.body);
  return write_link(kAnswerPrefix, content);
}

base::Expected<Answer, InviteError> parse_answer(std::string_view link) {
  const auto content = read_link(kAnswerPrefix, link, kLinkVersion);
  if (!content) return base::unexpected(content.error());
  Reader reader(content->bytes);
  Answer out;
  reader.fill(out.tag);
  const base::ByteView body = reader.rest();
  if (!reader.ok() || body.size() != kAnswerBodySize || out.tag.is_zero()) {
    return base::unexpected(InviteError::damaged);
  }
  out.body.assign(body.begin(), body.end());
  return out;
}

}  // namespace chaski::e2ee
