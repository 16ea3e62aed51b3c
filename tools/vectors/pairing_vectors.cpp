// SPDX-License-Identifier: Apache-2.0
#include "base/assert.hpp"
#include "base/hex.hpp"
#include "e2ee/pairing.hpp"
#include "e2ee/session.hpp"
#include "e2ee/setup.hpp"
#include "tools/vectors/page.hpp"
#include "tools/vectors/pieces.hpp"

namespace chaski::vectors {

namespace {

using base::Bytes;
using base::ByteView;
using base::to_hex;
using e2ee::Pairing;

/// Remembers what it gave, so that an example can show its secrets.
class Recorder final : public base::Random {
 public:
  explicit Recorder(base::Random& from) : from_(from) {}
  void fill(base::MutableByteView out) override {
    from_.fill(out);
    fills_.emplace_back(out.begin(), out.end());
  }
  const Bytes& operator[](std::size_t index) const { return fills_[index]; }

 private:
  base::Random& from_;
  std::vector<Bytes> fills_;
};

/// Anna dialled, Béla was dialled; all that they say, in the order in which they say it.
struct Talk {
  Recorder random;
  e2ee::Identity anna = e2ee::Identity::generate(random);
  e2ee::Identity bela = e2ee::Identity::generate(random);
  e2ee::PendingInvite pending = e2ee::make_invite(anna, "Anna", random);
  e2ee::PairingBinding binding;
  Pairing initiator;
  Pairing responder;
  std::vector<Bytes> said;

  explicit Talk(base::Random& from)
      : random(from),
        binding(*e2ee::PairingBinding::from(random_bytes(random, 32))),
        initiator(e2ee::PairingRole::initiator, binding),
        responder(e2ee::PairingRole::responder, binding) {
    initiator.call();
    run();
    initiator.confirm();
    run();
    responder.confirm();
    run();
    initiator.offer(pending.invite);
    run();
    const auto invite = responder.take_offer();
    const auto accepted = e2ee::accept_invite(bela, "Béla", *invite, random);
    responder.answer(accepted->answer.body);
    run();
    CHASKI_ASSERT(initiator.take_answer() == accepted->answer.body);
  }
  void run() {
    for (bool moved = true; moved;) {
      moved = false;
      while (auto message = initiator.next_message()) {
        said.push_back(*message);
        responder.receive(*message, true, random);
        moved = true;
      }
      while (auto message = responder.next_message()) {
        said.push_back(*message);
        initiator.receive(*message, true, random);
        moved = true;
      }
    }
  }
  /// The first message of this type.
  const Bytes& message(std::uint8_t type) const {
    for (const Bytes& one : said)
      if (one[0] == type) return one;
    CHASKI_ASSERT(false);
    return said.front();
  }
};

Vector shown(const Talk& talk, std::string name, std::string what, std::uint8_t type,
             std::vector<std::pair<std::size_t, std::string>> cuts) {
  Vector out{std::move(name), std::move(what), {}, {}};
  ByteView rest = talk.message(type);
  for (auto& [size, means] : cuts)
    out.pieces.push_back(cut(rest, size == 0 ? rest.size() : size, std::move(means)));
  return out;
}

/// Which fill made which secret: after the identities (4), the invitation (2) and the binding.
enum Fill : std::size_t { initiator_secret = 7, initiator_nonce, responder_secret };

Vector symbols(const Talk& talk) {
  const Bytes& share = talk.message(3);
  const Bytes& reveal = talk.message(4);
  const auto shared = *e2ee::agree(talk.random[initiator_secret], ByteView(share).subspan(1, 32));
  const auto transcript = e2ee::pairing_transcript(
      {.binding = talk.binding,
       .initiator_version = 1,
       .responder_version = 1,
       .initiator = {*e2ee::PairingPublicKey::from(ByteView(reveal).subspan(1, 32)),
                     *e2ee::PairingNonce::from(ByteView(reveal).subspan(33, 32))},
       .responder = {*e2ee::PairingPublicKey::from(ByteView(share).subspan(1, 32)),
                     *e2ee::PairingNonce::from(ByteView(share).subspan(33, 32))}});
  const auto keys = e2ee::pairing_keys(shared, transcript);
  CHASKI_ASSERT(keys.symbols == *talk.initiator.symbols());
  Vector out{"symbols", "what both have before anybody has confirmed", {}, {}};
  out.fields["handshake_hash"] = to_hex(talk.binding.view());
  out.fields["initiator_secret"] = to_hex(talk.random[initiator_secret]);
  out.fields["responder_secret"] = to_hex(talk.random[responder_secret]);
  out.fields["shared"] = to_hex(shared.view());
  out.fields["transcript"] = to_hex(transcript);
  out.fields["offer_key"] = to_hex(keys.offer.view());
  out.fields["answer_key"] = to_hex(keys.answer.view());
  std::string numbers;
  for (const std::uint8_t number : keys.symbols)
    numbers += (numbers.empty() ? "" : " ") + std::to_string(number);
  out.fields["numbers"] = numbers;
  out.fields["words"] = e2ee::words_of(keys.symbols);
  return out;
}

}  // namespace

Page pairing_vectors(base::Random& random);

Page pairing_vectors(base::Random& random) {
  const Talk talk(random);
  Page page;
  page.vectors = {
      shown(talk, "call", "from either", 1, {{1, "type"}, {1, "version"}}),
      shown(talk, "commit", "from the initiator", 2,
            {{1, "type"}, {1, "version"}, {32, "commitment"}}),
      shown(talk, "share", "from the responder", 3, {{1, "type"}, {32, "key"}, {32, "nonce"}}),
      shown(talk, "reveal", "from the initiator", 4, {{1, "type"}, {32, "key"}, {32, "nonce"}}),
      symbols(talk),
      shown(talk, "confirm", "the initiator's", 5, {{1, "type"}, {32, "confirmation"}})};
  Vector offer = shown(talk, "offer", "Anna's invitation, sealed", 6,
                       {{1, "type"}, {163, "sealed"}, {16, "authenticator"}});
  offer.fields["invitation"] = to_hex(e2ee::invite_bytes(talk.pending.invite));
  page.vectors.push_back(std::move(offer));
  return page;
}

}  // namespace chaski::vectors
