// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "e2ee/content.hpp"
#include "e2ee/session_state.hpp"
#include "pair.hpp"

namespace chaski::e2ee::test {

/// Seals by hand with the keys of a session, so that anything can be said.
struct Liar {
  Direction outgoing;
  RatchetPublicKey ratchet;
  ChainKey chain;
  TagChain tags;
  std::uint32_t previous_length = 0;
  /// Bits that differ from what is right.
  std::uint8_t commitment_flaw = 0;
  std::uint8_t version = 2;
  std::uint8_t kind = 1;
  std::uint8_t flags = 0;

  explicit Liar(const Session& session) {
    SessionSetup::State state = SessionSetup::state(session);
    base::SeededRandom random(77);
    const SendingEpoch& sending = begin_sending(state, random);
    outgoing = state.outgoing;
    ratchet = sending.ratchet_public;
    chain = sending.chain;
    tags = sending.tags;
  }
  base::Bytes seal() {
    const auto cover = tags.next_with_mask();
    const auto secrets = message_secrets(next_message_key(chain));
    base::Bytes body(160);
    const base::MutableByteView all(body);
    write_header({ratchet, previous_length}, cover, all.first(kHeaderSize));
    const auto plain = all.subspan(kHeaderSize, body.size() - kHeaderSize - kAeadTagSize);
    write_content(text("lie"), plain);
    plain[0] = version;
    plain[1] = kind;
    plain[2] = flags;
    wire::EnvelopeFields envelope;
    envelope.lifetime_s = 60;
    envelope.tag = cover.tag;
    envelope.commitment = wire::commit(secrets.token);
    envelope.commitment.bytes[3] ^= commitment_flaw;
    envelope.body = body;
    const auto bound = associated(outgoing, envelope, all.first(kHeaderSize));
    aead_seal(secrets.content.view(), cover.tag, bound, plain, all.last(kAeadTagSize));
    return wire::encode_envelope(envelope);
  }
};

}  // namespace chaski::e2ee::test
