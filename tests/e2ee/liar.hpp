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
  wire::ReceiptToken token{{7}};
  wire::ReceiptCommitment commitment = wire::commit(token);
  std::uint8_t version = 1;
  std::uint8_t kind = 1;

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
    const auto key = next_message_key(chain);
    base::Bytes body(160);
    const base::MutableByteView all(body);
    write_header({ratchet, previous_length}, cover, all.first(kHeaderSize));
    const auto plain = all.subspan(kHeaderSize, body.size() - kHeaderSize - kAeadTagSize);
    write_content(text("lie"), token, plain);
    plain[0] = version;
    plain[1] = kind;
    wire::EnvelopeFields envelope;
    envelope.lifetime_s = 60;
    envelope.tag = cover.tag;
    envelope.commitment = commitment;
    envelope.body = body;
    aead_seal(key.view(), cover.tag, associated(outgoing, envelope, all.first(kHeaderSize)), plain,
              all.last(kAeadTagSize));
    return wire::encode_envelope(envelope);
  }
};

}  // namespace chaski::e2ee::test
