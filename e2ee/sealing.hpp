// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "e2ee/identity.hpp"
#include "e2ee/keys.hpp"
#include "e2ee/tag_chain.hpp"
#include "wire/envelope.hpp"

namespace chaski::e2ee {

inline constexpr std::size_t kAeadTagSize = 16;

/// Hash of both identities in the order sender, recipient: the first part of what every message of
/// one direction is bound to.
using Direction = base::TaggedBytes<struct DirectionTag, 32>;
Direction direction(const IdentityPublic& sender, const IdentityPublic& recipient);

/// ChaCha20-Poly1305 (RFC 8439) under a key that is used once, nonce `tag` and four zero bytes, in
/// place: `text` becomes ciphertext, and the 16 bytes at `mac` its authenticator.
void aead_seal(base::ByteView key, const wire::DeliveryTag& tag, base::ByteView associated,
               base::MutableByteView text, base::MutableByteView mac);
/// Opens ciphertext with its 16-byte authenticator at the end; `out` is 16 bytes shorter.
bool aead_open(base::ByteView key, const wire::DeliveryTag& tag, base::ByteView associated,
               base::ByteView sealed, base::MutableByteView out);

/// Everything of an envelope that a message is bound to: direction, encrypted header, tag,
/// commitment, lifetime, priority, kind.
using Associated = std::array<std::uint8_t, 32 + kHeaderSize + 8 + 16 + 4 + 1 + 1>;
Associated associated(const Direction& direction, const wire::EnvelopeFields& envelope,
                      base::ByteView encrypted_header);

/// What a message's header says once uncovered.
struct Header {
  RatchetPublicKey ratchet;
  std::uint32_t previous_length = 0;  ///< messages in the sender's previous epoch
};
/// Writes the covered header: 36 bytes.
void write_header(const Header& header, const TagAndMask& cover, base::MutableByteView out);
/// Uncovers a header; nothing when its key must be refused. Not authentic yet.
std::optional<Header> read_header(base::ByteView encrypted, const TagAndMask& cover);

}  // namespace chaski::e2ee
