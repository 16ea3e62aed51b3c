// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/expected.hpp"
#include "base/random.hpp"
#include "e2ee/invite.hpp"
#include "e2ee/link_text.hpp"

namespace chaski::e2ee {

// A card is for people who never met: a signed statement, for anybody, of who somebody is and with
// which prekey a session with them is begun. It proves that its keys belong together and nothing
// about the person behind them. Its bytes are in docs/protocol/e2ee.md, section 11.

using CardSignature = base::TaggedBytes<struct CardSignatureTag, 64>;  ///< Ed25519 (RFC 8032)

/// Longest time from issued_at to expires_at: 90 days.
inline constexpr std::uint64_t kCardLifetimeMax_s = std::uint64_t{90} * 24 * 3600;
/// Every answer to a card bears a stamp of at least so many bits.
inline constexpr std::uint8_t kCardPriceMin = 16;
inline constexpr std::size_t kCardSizeMin = 1 + 1 + 8 + 8 + 64 + 32 + 1 + 64;
inline constexpr std::size_t kCardSizeMax = kCardSizeMin + 32;

/// What a card says. One that was read has acceptable keys, a good signature and times in order.
struct Card {
  std::uint8_t price_bits = kCardPriceMin;  ///< kCardPriceMin to wire::kStampBitsMax
  std::uint64_t issued_at = 0;              ///< unix seconds, by the owner's wall clock
  std::uint64_t expires_at = 0;             ///< 1 s to kCardLifetimeMax_s later
  IdentityPublic identity;
  PrekeyPublic prekey;
  std::string name;  ///< what they call themselves, 0 to 32 bytes; anybody may claim any
  CardSignature signature;
  friend bool operator==(const Card&, const Card&) = default;
};

/// A card of ours with the secret that opens its answers.
struct OwnCard {
  PrekeySecret prekey_secret;
  Card card;
  base::Bytes save() const;
  static base::Expected<OwnCard, LoadFailed> load(base::ByteView bytes);
};

/// What the owner decides.
struct CardTerms {
  std::uint8_t price_bits = kCardPriceMin;
  std::uint64_t issued_at = 0;
  std::uint64_t lifetime_s = kCardLifetimeMax_s;
};
/// Makes and signs a card. Asserts that the terms are within their bounds. A name that
/// is_valid_name() refuses is left out.
OwnCard make_card(const Identity& identity, std::string_view name, const CardTerms& terms,
                  base::Random& random);

/// The one byte string of this card: version = 1 (1), price (1), issued_at (8), expires_at (8),
/// identity (64), prekey (32), length of the name (1), name, signature (64).
base::Bytes card_bytes(const Card& card);
/// Errors: newer_version, damaged (size, price, times, name), bad_key, forged (the signature is not
/// of this card by its signing key). Whether it has expired is is_expired()'s to say.
base::Expected<Card, InviteError> read_card(base::ByteView bytes);

/// `chaski:card/…`, like the link of an invitation.
std::string to_link(const Card& card);
/// Errors: as read_card(), not_an_invite.
base::Expected<Card, InviteError> parse_card(std::string_view link);

/// Whether its time is over by this wall clock. A clock that is before issued_at is known to be
/// wrong, or theirs is: then nothing is said against the card.
bool is_expired(const Card& card, std::int64_t wall_unix_s);

/// What is answered with accept_invite(). The rendezvous secret comes from the card's bytes, so it
/// is known to whoever has the card.
InvitePublic card_invite(const Card& card);
/// What opens the answers with open_answer(), any number of them. The same answer opens again and
/// gives the same session: the caller must open each once (answer_subject() names it).
PendingInvite card_pending(const OwnCard& own);

}  // namespace chaski::e2ee
