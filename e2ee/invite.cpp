// SPDX-License-Identifier: Apache-2.0
#include "e2ee/invite.hpp"

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/link_text.hpp"
#include "e2ee/name.hpp"
#include "e2ee/setup.hpp"
#include "wire/limits.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kPendingVersion = 1;
constexpr std::size_t kInviteSizeFixed = 1 + 64 + 32 + 32 + 1;

/// No version of a link: a standing invitation never is one.
constexpr std::uint8_t kStandingVersion = 128;
/// Nor is what stands before the bytes of a card, which have versions of their own.
constexpr std::uint8_t kCardMark = 129;

base::Bytes standing_bytes(const InvitePublic& invite) {
  CHASKI_ASSERT(invite.price_bits == 0 && invite.name.empty());
  base::Bytes out(1 + 64 + 32 + 32 + 64);
  Writer(out)
      .number(kStandingVersion)
      .bytes(invite.identity.agreement.view())
      .bytes(invite.identity.signing.view())
      .bytes(invite.prekey.view())
      .bytes(invite.rendezvous.view())
      .bytes(invite.only_for->agreement.view())
      .bytes(invite.only_for->signing.view());
  return out;
}

base::Bytes card_said(const InvitePublic& invite) {
  base::Bytes out(1 + invite.card.size());
  Writer(out).number(kCardMark).bytes(invite.card);
  return out;
}

bool is_price(std::uint8_t bits) { return bits > 0 && bits <= wire::kStampBitsMax; }

}  // namespace

const char* to_string(InviteError error) {
  switch (error) {
    case InviteError::not_an_invite:
      return "not an invite";
    case InviteError::damaged:
      return "damaged: characters are missing or changed";
    case InviteError::newer_version:
      return "made by a newer version of chaski";
    case InviteError::own_invite:
      return "your own invite";
    case InviteError::bad_key:
      return "holds a key that must be refused";
    case InviteError::forged:
      return "not signed by who it names";
  }
  return "unknown";
}

bool has_acceptable_keys(const IdentityPublic& identity) {
  return is_acceptable_x25519(identity.agreement.view()) &&
         is_acceptable_ed25519(identity.signing.view());
}

bool has_acceptable_keys(const InvitePublic& invite) {
  return has_acceptable_keys(invite.identity) && is_acceptable_x25519(invite.prekey.view()) &&
         !(invite.rendezvous == RendezvousSecret{});
}

base::Bytes invite_bytes(const InvitePublic& invite) {
  if (invite.only_for) return standing_bytes(invite);
  if (!invite.card.empty()) return card_said(invite);
  const bool priced = invite.price_bits != 0;
  CHASKI_ASSERT(!priced || is_price(invite.price_bits));
  base::Bytes out(kInviteSizeFixed + (priced ? 1 : 0) + invite.name.size());
  Writer writer(out);
  writer.number(priced ? kPricedInviteVersion : kLinkVersion);
  if (priced) writer.number(invite.price_bits);
  writer.bytes(invite.identity.agreement.view())
      .bytes(invite.identity.signing.view())
      .bytes(invite.prekey.view())
      .bytes(invite.rendezvous.view())
      .short_text(invite.name);
  return out;
}

base::Expected<InvitePublic, InviteError> read_invite(std::uint8_t version, base::ByteView bytes) {
  Reader reader(bytes);
  InvitePublic out;
  const bool priced = version == kPricedInviteVersion;
  if (priced) out.price_bits = reader.number<std::uint8_t>();
  // A price of nothing has the first version: one invitation is one byte string.
  if (priced && !is_price(out.price_bits)) return base::unexpected(InviteError::damaged);
  reader.fill(out.identity.agreement);
  reader.fill(out.identity.signing);
  reader.fill(out.prekey);
  reader.fill(out.rendezvous);
  out.name = reader.short_text();
  if (!reader.finished() || !is_valid_name(out.name)) {
    return base::unexpected(InviteError::damaged);
  }
  if (!has_acceptable_keys(out)) return base::unexpected(InviteError::bad_key);
  return out;
}

PendingInvite make_invite(const Identity& identity, std::string_view name, base::Random& random,
                          std::uint8_t price_bits) {
  PendingInvite out;
  generate_pair(random, out.prekey_secret, out.invite.prekey);
  random.fill(out.invite.rendezvous.mutable_view());
  out.invite.identity = identity.public_identity();
  if (is_valid_name(name)) out.invite.name = name;
  out.invite.price_bits = price_bits;
  return out;
}

wire::DeliveryTag PendingInvite::answer_tag() const {
  return answer_tag_of(invite.rendezvous);
}

base::Bytes PendingInvite::save() const {
  CHASKI_ASSERT(!invite.only_for && invite.card.empty());
  base::Bytes content = invite_bytes(invite);
  base::Bytes out(1 + PrekeySecret::kSize + content.size() + kSaveChecksumSize);
  Writer(out).number(kPendingVersion).bytes(prekey_secret.view()).bytes(content);
  wipe(content);
  finish_record(out);
  return out;
}

base::Expected<PendingInvite, LoadFailed> PendingInvite::load(base::ByteView bytes) {
  const auto record = open_record(bytes);
  if (!record) return base::unexpected(LoadFailed{});
  Reader reader(*record);
  PendingInvite out;
  const bool known = reader.number<std::uint8_t>() == kPendingVersion;
  reader.fill(out.prekey_secret);
  const auto version = reader.number<std::uint8_t>();
  const bool known_invite = version == kLinkVersion || version == kPricedInviteVersion;
  if (!reader.ok() || !known || !known_invite) return base::unexpected(LoadFailed{});
  auto invite = read_invite(version, reader.rest());
  if (!invite) return base::unexpected(LoadFailed{});
  PrekeyPublic prekey;
  public_of(out.prekey_secret.view(), prekey.mutable_view());
  if (prekey != invite->prekey) return base::unexpected(LoadFailed{});
  out.invite = std::move(*invite);
  return out;
}

std::string to_link(const InvitePublic& invite) {
  CHASKI_ASSERT(!invite.only_for && invite.card.empty());
  base::Bytes content = invite_bytes(invite);
  std::string link = write_link(kInvitePrefix, content);
  wipe(content);
  return link;
}

base::Expected<InvitePublic, InviteError> parse_invite(std::string_view link) {
  const auto content = read_link(kInvitePrefix, link, kPricedInviteVersion);
  if (!content) return base::unexpected(content.error());
  return read_invite(content->version, content->bytes);
}

}  // namespace chaski::e2ee
