// SPDX-License-Identifier: Apache-2.0
#include "e2ee/card.hpp"

#include <sodium.h>

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/name.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/setup.hpp"
#include "e2ee/x25519.hpp"
#include "wire/limits.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kCardVersion = 1;
constexpr std::uint8_t kOwnCardVersion = 1;
static_assert(CardSignature::kSize == crypto_sign_BYTES);
static_assert(kCardSizeMax == kCardSizeMin + kNameSizeMax);

bool is_in_order(const Card& card) {
  return card.issued_at < card.expires_at &&
         card.expires_at - card.issued_at <= kCardLifetimeMax_s;
}

bool is_price(std::uint8_t bits) {
  return bits >= kCardPriceMin && bits <= wire::kStampBitsMax;
}

/// What is signed: the label, zero padded to 16, and all of the card before the signature.
base::Bytes signed_bytes(base::ByteView card) {
  base::Bytes out(label::kSize + card.size() - CardSignature::kSize);
  Writer writer(out);
  writer.bytes(base::as_bytes(label::kCardSignature));
  std::copy_n(card.begin(), card.size() - CardSignature::kSize, out.begin() + label::kSize);
  return out;
}

CardSignature sign(const SigningSeed& seed, base::ByteView message) {
  Secret<struct CardSigningTag, crypto_sign_SECRETKEYBYTES> expanded;
  SigningPublicKey unused;
  crypto_sign_seed_keypair(unused.bytes.data(), expanded.mutable_view().data(),
                           seed.view().data());
  CardSignature out;
  crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(),
                       expanded.view().data());
  return revealed(out);
}

bool is_signed(const Card& card, base::ByteView bytes) {
  const base::Bytes message = signed_bytes(bytes);
  return crypto_sign_verify_detached(card.signature.bytes.data(), message.data(), message.size(),
                                     card.identity.signing.bytes.data()) == 0;
}

}  // namespace

base::Bytes card_bytes(const Card& card) {
  base::Bytes out(kCardSizeMin + card.name.size());
  Writer(out)
      .number(kCardVersion)
      .number(card.price_bits)
      .number(card.issued_at)
      .number(card.expires_at)
      .bytes(card.identity.agreement.view())
      .bytes(card.identity.signing.view())
      .bytes(card.prekey.view())
      .short_text(card.name)
      .bytes(card.signature.view());
  return out;
}

base::Expected<Card, InviteError> read_card(base::ByteView bytes) {
  Reader reader(bytes);
  Card out;
  const auto version = reader.number<std::uint8_t>();
  if (version > kCardVersion) return base::unexpected(InviteError::newer_version);
  out.price_bits = reader.number<std::uint8_t>();
  out.issued_at = reader.number<std::uint64_t>();
  out.expires_at = reader.number<std::uint64_t>();
  reader.fill(out.identity.agreement);
  reader.fill(out.identity.signing);
  reader.fill(out.prekey);
  out.name = reader.short_text();
  reader.fill(out.signature);
  if (!reader.finished() || version != kCardVersion || !is_price(out.price_bits) ||
      !is_in_order(out) || !is_valid_name(out.name)) {
    return base::unexpected(InviteError::damaged);
  }
  if (!has_acceptable_keys(out.identity) || !is_acceptable_x25519(out.prekey.view())) {
    return base::unexpected(InviteError::bad_key);
  }
  if (!is_signed(out, bytes)) return base::unexpected(InviteError::forged);
  return out;
}

OwnCard make_card(const Identity& identity, std::string_view name, const CardTerms& terms,
                  base::Random& random) {
  OwnCard out;
  generate_pair(random, out.prekey_secret, out.card.prekey);
  reveal(out.card.prekey);
  out.card.identity = identity.public_identity();
  if (is_valid_name(name)) out.card.name = name;
  out.card.price_bits = terms.price_bits;
  out.card.issued_at = terms.issued_at;
  out.card.expires_at = terms.issued_at + terms.lifetime_s;
  CHASKI_ASSERT(is_price(terms.price_bits) && is_in_order(out.card));
  out.card.signature = sign(identity.signing_seed(), signed_bytes(card_bytes(out.card)));
  return out;
}

base::Bytes OwnCard::save() const {
  const base::Bytes said = card_bytes(card);
  base::Bytes out(1 + PrekeySecret::kSize + said.size() + kSaveChecksumSize);
  Writer(out).number(kOwnCardVersion).bytes(prekey_secret.view()).bytes(said);
  finish_record(out);
  return out;
}

base::Expected<OwnCard, LoadFailed> OwnCard::load(base::ByteView bytes) {
  const auto record = open_record(bytes);
  if (!record) return base::unexpected(LoadFailed{});
  Reader reader(*record);
  OwnCard out;
  const bool known = reader.number<std::uint8_t>() == kOwnCardVersion;
  reader.fill(out.prekey_secret);
  auto card = read_card(reader.rest());
  if (!known || !card) return base::unexpected(LoadFailed{});
  PrekeyPublic prekey;
  public_of(out.prekey_secret.view(), prekey.mutable_view());
  reveal(prekey);
  if (prekey != card->prekey) return base::unexpected(LoadFailed{});
  out.card = std::move(*card);
  return out;
}

std::string to_link(const Card& card) { return write_link(kCardPrefix, card_bytes(card)); }

base::Expected<Card, InviteError> parse_card(std::string_view link) {
  const auto content = read_link(kCardPrefix, link, kCardVersion);
  if (!content) return base::unexpected(content.error());
  base::Bytes bytes{content->version};
  bytes.insert(bytes.end(), content->bytes.begin(), content->bytes.end());
  return read_card(bytes);
}

bool is_expired(const Card& card, std::int64_t wall_unix_s) {
  return wall_unix_s > 0 && static_cast<std::uint64_t>(wall_unix_s) > card.expires_at;
}

InvitePublic card_invite(const Card& card) {
  InvitePublic out;
  out.card = card_bytes(card);
  hash(out.rendezvous.mutable_view(), label::kCardRendezvous, {}, {out.card});
  out.identity = card.identity;
  out.prekey = card.prekey;
  out.name = card.name;
  out.price_bits = card.price_bits;
  return out;
}

PendingInvite card_pending(const OwnCard& own) {
  return PendingInvite{own.prekey_secret, card_invite(own.card)};
}

}  // namespace chaski::e2ee
