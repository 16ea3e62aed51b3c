// SPDX-License-Identifier: Apache-2.0
#include "e2ee/standing.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "e2ee/codec.hpp"
#include "e2ee/reveal.hpp"
#include "e2ee/setup.hpp"
#include "e2ee/x25519.hpp"

namespace chaski::e2ee {
namespace {

constexpr std::uint8_t kPrekeysVersion = 1;
constexpr std::size_t kPrekeysHead = 1 + 8 + 1;

bool is_known(const std::vector<StandingPublic>& among, const RendezvousSecret& rendezvous) {
  return std::any_of(among.begin(), among.end(), [&rendezvous](const StandingPublic& one) {
    return revealed(one.rendezvous == rendezvous);
  });
}

}  // namespace

wire::DeliveryTag StandingPublic::answer_tag() const { return answer_tag_of(rendezvous); }

void write_standing(Writer& writer, const StandingPublic& one) {
  writer.bytes(one.prekey.view()).bytes(one.rendezvous.view());
}

bool read_standing(Reader& reader, StandingPublic& out) {
  reader.fill(out.prekey);
  reader.fill(out.rendezvous);
  // What a contact sent is for us to know; the keys themselves stay secret.
  reveal(out.prekey);
  return reader.ok() && is_acceptable_x25519(out.prekey.view()) &&
         !revealed(out.rendezvous == RendezvousSecret{});
}

StandingInvite make_standing(base::Random& random) {
  StandingInvite out;
  generate_pair(random, out.prekey_secret, out.given.prekey);
  random.fill(out.given.rendezvous.mutable_view());
  return out;
}

InvitePublic standing_invite(const StandingPublic& given, const IdentityPublic& inviter,
                             const IdentityPublic& acceptor) {
  InvitePublic out;
  out.identity = inviter;
  out.prekey = given.prekey;
  out.rendezvous = given.rendezvous;
  out.only_for = acceptor;
  return out;
}

PendingInvite standing_pending(const StandingInvite& standing, const IdentityPublic& inviter,
                               const IdentityPublic& acceptor) {
  return PendingInvite{standing.prekey_secret,
                       standing_invite(standing.given, inviter, acceptor)};
}

base::Bytes encode_prekeys(const Prekeys& prekeys) {
  CHASKI_ASSERT(prekeys.invitations.size() <= Prekeys::kMax);
  base::Bytes out(kPrekeysHead + prekeys.invitations.size() * StandingPublic::kSize);
  Writer writer(out);
  writer.number(kPrekeysVersion)
      .number(prekeys.serial)
      .number(static_cast<std::uint8_t>(prekeys.invitations.size()));
  for (const StandingPublic& one : prekeys.invitations) write_standing(writer, one);
  return out;
}

std::optional<Prekeys> decode_prekeys(base::ByteView payload) {
  Reader reader(payload);
  Prekeys out;
  const bool known = revealed(reader.number<std::uint8_t>()) == kPrekeysVersion;
  out.serial = revealed(reader.number<std::uint64_t>());
  const std::size_t count = revealed(reader.number<std::uint8_t>());
  if (!reader.ok() || !known || count > Prekeys::kMax) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    StandingPublic one;
    if (!read_standing(reader, one) || is_known(out.invitations, one.rendezvous))
      return std::nullopt;
    out.invitations.push_back(one);
  }
  if (!reader.finished()) return std::nullopt;
  return out;
}

}  // namespace chaski::e2ee
