// SPDX-License-Identifier: Apache-2.0
// Messages of a pairing from whoever is near: to both roles, in every state, as they are, and
// sealed by somebody who has agreed on keys and so can seal whatever they like.
#include "base/assert.hpp"
#include "e2ee/pairing.hpp"
#include "e2ee/sealing.hpp"
#include "e2ee/session.hpp"
#include "tests/fuzz/fuzz_script.hpp"

using namespace chaski;
using e2ee::Pairing;

namespace {

struct World {
  base::SeededRandom random{1};
  e2ee::Identity anna = e2ee::Identity::generate(random);
  e2ee::Identity bela = e2ee::Identity::generate(random);
  e2ee::PendingInvite pending = e2ee::make_invite(anna, "a", random);
};

/// Two honest sides on their way through `steps` of what they say to each other.
struct Sides {
  explicit Sides(std::uint64_t seed) : random(seed) {}
  void run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (const int from : {0, 1}) {
        while (auto message = side(from).next_message()) {
          side(1 - from).receive(*message, true, random);
          moved = true;
        }
      }
    }
  }
  Pairing& side(int number) { return number == 0 ? initiator : responder; }
  /// Until this state, if it is reached.
  void advance(unsigned to, const World& world) {
    if (to > 0) initiator.call();
    if (to > 1) responder.call();
    if (to > 2) run();
    if (to > 3) initiator.confirm();
    if (to > 4) responder.confirm();
    if (to > 3) run();
    if (to > 5) initiator.offer(world.pending.invite);
    if (to > 6) run();
  }

  base::SeededRandom random;
  e2ee::PairingBinding binding{};
  Pairing initiator{e2ee::PairingRole::initiator, binding};
  Pairing responder{e2ee::PairingRole::responder, binding};
};

void check(const Pairing& side) {
  const bool failed = side.state() == Pairing::State::failed;
  CHASKI_ASSERT(failed == (side.failure() != Pairing::Failure::none));
  if (side.symbols()) CHASKI_ASSERT(side.shown());
  // Nobody confirmed by luck: the meeting needs the other's keys.
  if (side.state() == Pairing::State::meeting)
    CHASKI_ASSERT(side.we_confirmed() && side.they_confirmed());
}

/// What somebody says who is the other side of the pairing and seals any text.
void sealed_offer(const World& world, base::ByteView text) {
  Sides sides(3);
  sides.advance(5, world);
  // The initiator's key, as it would have it: worked out once more from what both drew.
  base::SeededRandom same(3);
  e2ee::PairingSecret secret;
  e2ee::PairingHistory history{.binding = sides.binding, .initiator_version = 1,
                               .responder_version = 1, .initiator = {}, .responder = {}};
  e2ee::generate_pair(same, secret, history.initiator.key);
  same.fill(history.initiator.nonce.mutable_view());
  e2ee::PairingSecret theirs;
  e2ee::generate_pair(same, theirs, history.responder.key);
  same.fill(history.responder.nonce.mutable_view());
  const auto transcript = e2ee::pairing_transcript(history);
  const auto keys = e2ee::pairing_keys(*e2ee::agree(secret.view(), history.responder.key.view()),
                                       transcript);
  CHASKI_ASSERT(keys.symbols == *sides.responder.symbols());
  base::Bytes message(1 + 163 + 16);
  message[0] = 6;
  const base::MutableByteView all(message);
  std::copy_n(text.begin(), std::min<std::size_t>(text.size(), 163), message.begin() + 1);
  e2ee::aead_seal(keys.offer.view(), {}, transcript, all.subspan(1, 163), all.last(16));
  sides.responder.receive(message, true, sides.random);
  const auto invite = sides.responder.take_offer();
  CHASKI_ASSERT(invite || sides.responder.failure() == Pairing::Failure::broke_rules);
  if (!invite) return;
  CHASKI_ASSERT(invite->price_bits == 0 && invite->name.size() <= 32);
  base::SeededRandom random(5);
  (void)e2ee::accept_invite(world.bela, "b", *invite, random);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  fuzz::Script script(data, size);
  const unsigned how = script.u8();
  if (how % 8 == 7) {
    sealed_offer(world, script.bytes(size));
    return 0;
  }
  Sides sides(2);
  sides.advance(how % 8, world);
  Pairing& victim = sides.side((how & 8) == 0 ? 0 : 1);
  while (!script.at_end()) {
    const unsigned low = script.u8();
    const base::Bytes message = script.bytes(low | (script.u8() & 1U) << 8);
    victim.receive(message, (how & 64) == 0, sides.random);
    check(victim);
    (void)victim.take_offer();
    (void)victim.take_answer();
    unsigned said = 0;
    while (auto out = victim.next_message()) {
      CHASKI_ASSERT(!out->empty() && out->size() <= Pairing::kMessageMax);
      ++said;
    }
    CHASKI_ASSERT(said <= 8);
  }
  return 0;
}
