// SPDX-License-Identifier: Apache-2.0
#include "e2ee/pairing_keys.hpp"

#include "e2ee/kdf.hpp"
#include "e2ee/labels.hpp"
#include "e2ee/reveal.hpp"

namespace chaski::e2ee {
namespace {

/// Six numbers of six bits, the most significant first, from the first 36 bits.
PairingSymbols symbols_of(base::ByteView bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 5; ++i) bits = (bits << 8) | bytes[i];
  bits >>= 4;
  PairingSymbols out{};
  for (std::size_t i = out.size(); i-- > 0; bits >>= 6) {
    out[i] = static_cast<std::uint8_t>(bits & 63);
  }
  return out;
}

}  // namespace

PairingCommitment pairing_commitment(const PairingBinding& binding, const PairingShare& share) {
  return {public_hash<32>(label::kPairingCommitment,
                          {binding.view(), share.key.view(), share.nonce.view()})};
}

PairingTranscript pairing_transcript(const PairingHistory& history) {
  return public_hash<32>(label::kPairingTranscript,
                         {history.binding.view(),
                          {&history.initiator_version, 1},
                          {&history.responder_version, 1},
                          history.initiator.key.view(),
                          history.initiator.nonce.view(),
                          history.responder.key.view(),
                          history.responder.nonce.view()});
}

PairingKeys pairing_keys(const SharedSecret& shared, const PairingTranscript& transcript) {
  Secret<struct PairingRootRole> root;
  hash(root.mutable_view(), label::kPairingRoot, shared.view(), {transcript});
  PairingKeys keys;
  const Derived symbols = derive(label::kPairingSymbols, root.view());
  keys.symbols = revealed(symbols_of(symbols.view()));  // on both screens, and read out
  keys.of_initiator =
      derive_secret<PairingConfirmation>(label::kPairingInitiatorConfirms, root.view());
  keys.of_responder =
      derive_secret<PairingConfirmation>(label::kPairingResponderConfirms, root.view());
  keys.offer = derive_secret<PairingSealKey>(label::kPairingOffer, root.view());
  keys.answer = derive_secret<PairingSealKey>(label::kPairingAnswer, root.view());
  return keys;
}

}  // namespace chaski::e2ee
