// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/expected.hpp"
#include "base/random.hpp"
#include "e2ee/identity.hpp"
#include "wire/types.hpp"

namespace chaski::e2ee {

enum class InviteError : std::uint8_t {
  not_an_invite,  ///< it does not start like one
  damaged,        ///< characters missing or changed (checksum)
  newer_version,  ///< made by a newer chaski
  own_invite,     ///< ours
  bad_key,        ///< a key that must be refused (low order, all zero)
  forged,         ///< a card that its signing key did not sign
};
const char* to_string(InviteError error);

/// What an invitation says: who I am, a prekey for you alone, and a secret to find each other.
struct InvitePublic {
  IdentityPublic identity;
  PrekeyPublic prekey;
  RendezvousSecret rendezvous;
  std::string name;  ///< what the inviter calls themself, 0 to 32 bytes of UTF-8
  /// Bits of the stamp (wire/stamp.hpp) that an answer through the mesh needs; 0: none. At most
  /// wire::kStampBitsMax.
  std::uint8_t price_bits = 0;
  /// Set in a standing invitation (e2ee/standing.hpp): nobody else may answer it. It has no name,
  /// no price and no link.
  std::optional<IdentityPublic> only_for{};
  /// The bytes of the card that all this comes from (e2ee/card.hpp), or empty.
  base::Bytes card{};
};

/// An invitation that we gave out: kept until it is answered once.
struct PendingInvite {
  PrekeySecret prekey_secret;
  InvitePublic invite;
  /// Tag under which the answer will come through the mesh.
  wire::DeliveryTag answer_tag() const;
  base::Bytes save() const;
  static base::Expected<PendingInvite, LoadFailed> load(base::ByteView bytes);
};

/// Makes an invitation for one contact. A name that is_valid_name() refuses is left out.
/// `price_bits`: see InvitePublic.
PendingInvite make_invite(const Identity& identity, std::string_view name, base::Random& random,
                          std::uint8_t price_bits = 0);

/// `chaski:invite/…` (RFC 4648 base32, lower case, no padding, checksum): fits a QR code. Version 1
/// without a price, which every program reads, else version 2.
std::string to_link(const InvitePublic& invite);
/// Errors: see InviteError (own_invite is the caller's to check).
base::Expected<InvitePublic, InviteError> parse_invite(std::string_view link);

/// The answer to an invitation: sealed so that only the inviter reads it.
///
/// It is both the body of an envelope (through the mesh, under answer_tag) and a link
/// `chaski:answer/…` that can be scanned back at once.
struct Answer {
  wire::DeliveryTag tag;
  base::Bytes body;
};
std::string to_link(const Answer& answer);
base::Expected<Answer, InviteError> parse_answer(std::string_view link);

/// Which of the three a link is.
enum class LinkKind : std::uint8_t { invite, answer, card, neither };
LinkKind link_kind(std::string_view link);

}  // namespace chaski::e2ee
