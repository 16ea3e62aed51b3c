// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "e2ee/pairing_symbols.hpp"
#include "e2ee/x25519.hpp"

namespace chaski::e2ee {

/// What names the link that a pairing runs over (its handshake hash), so that nothing that was said
/// on another link counts here; zeros where a link has none.
using PairingBinding = base::TaggedBytes<struct PairingBindingTag, 32>;
using PairingPublicKey = base::TaggedBytes<struct PairingPublicKeyTag, 32>;  ///< X25519, used once
using PairingNonce = base::TaggedBytes<struct PairingNonceTag, 32>;
using PairingCommitment = base::TaggedBytes<struct PairingCommitmentTag, 32>;
using PairingSecret = Secret<struct PairingSecretTag>;
using PairingConfirmation = Secret<struct PairingConfirmationTag>;
using PairingSealKey = Secret<struct PairingSealKeyTag>;
using PairingTranscript = std::array<std::uint8_t, 32>;

/// What each of the two gives to a pairing: a key, and a nonce that the symbols hang on.
struct PairingShare {
  PairingPublicKey key;
  PairingNonce nonce;
};

/// What the initiator says before it has seen the other share, and must keep to.
PairingCommitment pairing_commitment(const PairingBinding& binding, const PairingShare& share);

/// Everything both have said before the symbols are known.
struct PairingHistory {
  PairingBinding binding;
  std::uint8_t initiator_version = 0;  ///< the highest that each said to speak
  std::uint8_t responder_version = 0;
  PairingShare initiator;
  PairingShare responder;
};
PairingTranscript pairing_transcript(const PairingHistory& history);

/// What the two have once both shares are known.
struct PairingKeys {
  PairingSymbols symbols{};  ///< for the screen
  PairingConfirmation of_initiator;  ///< says that the initiator's person saw the right symbols
  PairingConfirmation of_responder;
  PairingSealKey offer;
  PairingSealKey answer;
};
PairingKeys pairing_keys(const SharedSecret& shared, const PairingTranscript& transcript);

}  // namespace chaski::e2ee
