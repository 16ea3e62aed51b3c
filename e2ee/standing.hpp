// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "e2ee/invite.hpp"

namespace chaski::e2ee {

class Reader;
class Writer;

/// A standing invitation as the contact holds it: one prekey, for one new session, for nobody else.
struct StandingPublic {
  static constexpr std::size_t kSize = PrekeyPublic::kSize + RendezvousSecret::kSize;
  PrekeyPublic prekey;
  RendezvousSecret rendezvous;
  /// Tag under which its answer comes; names the invitation in both people's stores.
  wire::DeliveryTag answer_tag() const;
};
/// Prekey, then rendezvous secret: kSize bytes.
void write_standing(Writer& writer, const StandingPublic& one);
/// False when there are fewer bytes, or a key must be refused.
bool read_standing(Reader& reader, StandingPublic& out);

/// The same as the one keeps it who gave it.
struct StandingInvite {
  PrekeySecret prekey_secret;
  StandingPublic given;
};
StandingInvite make_standing(base::Random& random);

/// What is answered with accept_invite(): `inviter` gave it to `acceptor`.
InvitePublic standing_invite(const StandingPublic& given, const IdentityPublic& inviter,
                             const IdentityPublic& acceptor);
/// What opens the answer with open_answer(), when `acceptor` and nobody else gave it.
PendingInvite standing_pending(const StandingInvite& standing, const IdentityPublic& inviter,
                               const IdentityPublic& acceptor);

/// The payload of ContentKind::prekeys: all standing invitations that the sender keeps for the
/// recipient. Of two lists the one with the higher serial in the newer session counts.
struct Prekeys {
  static constexpr std::size_t kMax = 16;
  std::uint64_t serial = 0;
  std::vector<StandingPublic> invitations;  ///< at most kMax, no two alike
};
/// Version = 1 (1), serial (8), count (1), then for each prekey (32) and rendezvous secret (32).
base::Bytes encode_prekeys(const Prekeys& prekeys);
/// Nothing when the bytes are not what encode_prekeys() writes, or a key must be refused.
std::optional<Prekeys> decode_prekeys(base::ByteView payload);

}  // namespace chaski::e2ee
