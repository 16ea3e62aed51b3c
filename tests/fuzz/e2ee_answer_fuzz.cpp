// SPDX-License-Identifier: Apache-2.0
// Answers to an invitation: any body, a changed true one, and texts of an attacker who holds the
// invitation and so can seal whatever they like.
#include "base/assert.hpp"
#include "base/random.hpp"
#include "e2ee/sealing.hpp"
#include "e2ee/session.hpp"
#include "e2ee/setup.hpp"

using namespace chaski;

namespace {

struct World {
  base::SeededRandom random{1};
  e2ee::Identity a = e2ee::Identity::generate(random);
  e2ee::Identity b = e2ee::Identity::generate(random);
  e2ee::PendingInvite pending = e2ee::make_invite(a, "a", random);
  e2ee::Answer answer = e2ee::accept_invite(b, "b", pending.invite, random)->answer;
  e2ee::PendingInvite priced = e2ee::make_invite(a, "a", random, wire::kStampBitsMax);
  e2ee::Answer priced_answer = e2ee::accept_invite(b, "b", priced.invite, random)->answer;
};

bool opens(const World& world, base::ByteView body) {
  base::SeededRandom random(2);
  return e2ee::open_answer(world.a, world.pending, body).has_value();
}

/// The text sealed as an acceptor would, who knows all of the invitation.
base::Bytes sealed_by_attacker(const World& world, base::ByteView text) {
  base::SeededRandom random(3);
  const auto& invite = world.pending.invite;
  e2ee::Secret<struct AttackerRole> secret;
  e2ee::EphemeralPublicKey ephemeral;
  e2ee::generate_pair(random, secret, ephemeral);
  const auto shared = e2ee::agree(secret.view(), invite.prekey.view());
  base::Bytes body(376);
  const base::MutableByteView all(body);
  const auto masked = e2ee::mask(invite.rendezvous, ephemeral);
  std::copy(masked.bytes.begin(), masked.bytes.end(), body.begin());
  const auto plain = all.subspan(32, body.size() - 48);
  std::copy_n(text.begin(), std::min(text.size(), plain.size()), plain.begin());
  e2ee::aead_seal(e2ee::answer_key(invite.rendezvous, *shared).view(), world.pending.answer_tag(),
                  e2ee::answer_binding(e2ee::invite_bytes(invite), ephemeral), plain, all.last(16));
  return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const base::ByteView input(data, size);
  if (!base::equal(input, world.answer.body)) CHASKI_ASSERT(!opens(world, input));
  base::Bytes changed = world.answer.body;
  for (std::size_t i = 0; i < std::min(size, changed.size()); ++i) changed[i] ^= data[i];
  CHASKI_ASSERT(opens(world, changed) == (changed == world.answer.body));
  // Under a price: nobody pays by luck for 24 bits, and only its own nonce may change in an answer.
  CHASKI_ASSERT(!e2ee::is_paid(world.priced.invite, input));
  base::Bytes stamped = world.priced_answer.body;
  for (std::size_t i = 0; i < std::min(size, stamped.size()); ++i) stamped[i] ^= data[i];
  CHASKI_ASSERT(!e2ee::is_paid(world.priced.invite, stamped));
  const auto rest = [](base::Bytes body) {
    std::fill_n(body.begin() + e2ee::kAnswerStampAt, e2ee::kAnswerStampSize, std::uint8_t{0});
    return body;
  };
  base::SeededRandom random(4);
  const bool opened = e2ee::open_answer(world.a, world.priced, stamped).has_value();
  CHASKI_ASSERT(opened == (rest(stamped) == rest(world.priced_answer.body)));
  // Without the secret key of the identity it names, no text is confirmed.
  CHASKI_ASSERT(!opens(world, sealed_by_attacker(world, input)));
  return 0;
}
