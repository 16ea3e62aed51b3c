// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "e2ee/invite.hpp"
#include "e2ee/x25519.hpp"

namespace chaski::e2ee {

using AnswerKey = Secret<struct AnswerKeyTag>;
using Confirmation = Secret<struct ConfirmationTag>;
using EphemeralPublicKey = base::TaggedBytes<struct EphemeralPublicKeyTag, 32>;
using Transcript = std::array<std::uint8_t, 32>;

/// Every answer has this size, whatever the name or the price: the second padding class.
inline constexpr std::size_t kAnswerBodySize = 376;

/// The bytes of an invitation that both sides hash and that its link carries: version, the price
/// when there is one (version 2), agreement key, signing key, prekey, rendezvous secret, length of
/// the name, name. Of a standing one: 128, both keys of the inviter, prekey, rendezvous secret,
/// both keys of who may answer. Of a card: 129, and all its bytes.
base::Bytes invite_bytes(const InvitePublic& invite);
/// Reads invite_bytes() of this version (1 or 2), without the version byte. Errors: damaged,
/// bad_key.
base::Expected<InvitePublic, InviteError> read_invite(std::uint8_t version, base::ByteView bytes);

/// Whether every key of the invitation may be used.
bool has_acceptable_keys(const InvitePublic& invite);
bool has_acceptable_keys(const IdentityPublic& identity);

/// The tag under which an answer to this invitation travels: 8 bytes from the rendezvous secret.
wire::DeliveryTag answer_tag_of(const RendezvousSecret& rendezvous);
/// Covers the acceptor's ephemeral key on the air, so that an answer looks like any sealed body.
EphemeralPublicKey mask(const RendezvousSecret& rendezvous, const EphemeralPublicKey& key);
/// The key that seals the answer: needs the rendezvous secret and DH(ephemeral, prekey).
AnswerKey answer_key(const RendezvousSecret& rendezvous, const SharedSecret& ephemeral_prekey);
/// What the sealed answer is bound to: this invitation and this ephemeral key.
Transcript answer_binding(base::ByteView invite, const EphemeralPublicKey& ephemeral);

/// What the acceptor tells about themself inside the answer.
struct AcceptorCard {
  IdentityPublic identity;
  RatchetPublicKey ratchet;
  std::string_view name;
  std::uint64_t generation = 0;  ///< of the session that is set up
};
/// Everything that was said, both ways.
Transcript transcript_of(base::ByteView invite, const EphemeralPublicKey& ephemeral,
                         const AcceptorCard& acceptor);

/// The three agreements of a set-up, in the order in which they are hashed.
struct SetupAgreements {
  SharedSecret acceptor_prekey;    ///< DH(acceptor's identity, inviter's prekey)
  SharedSecret ephemeral_inviter;  ///< DH(acceptor's ephemeral, inviter's identity)
  SharedSecret ephemeral_prekey;   ///< DH(acceptor's ephemeral, inviter's prekey)
};

/// What both sides have after the set-up.
struct SetupKeys {
  RootKey root;
  ChainKey chain_of_acceptor;         ///< message keys of the acceptor's first epoch
  TagBlockKey tags_of_acceptor;       ///< tags of the acceptor's first epoch
  TagBlockKey next_tags_of_acceptor;  ///< tags of their second
  TagBlockKey tags_of_inviter;        ///< tags of the inviter's first epoch
  Confirmation confirmation;     ///< proves that the acceptor has their identity key
};
SetupKeys setup_keys(const RendezvousSecret& rendezvous, const SetupAgreements& agreements,
                     const Transcript& transcript);

}  // namespace chaski::e2ee
