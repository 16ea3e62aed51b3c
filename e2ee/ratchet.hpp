// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "e2ee/keys.hpp"
#include "e2ee/x25519.hpp"
#include "wire/types.hpp"

namespace chaski::e2ee {

/// What one Diffie-Hellman step of the ratchet gives.
struct RootStep {
  RootKey root;      ///< for the next step
  ChainKey chain;    ///< message keys of this epoch and direction
  TagBlockKey tags;  ///< tags of the *next* epoch of this direction (NHK in Signal's variant)
};
/// Source: "The Double Ratchet Algorithm", revision 1, section 4 (KDF_RK_HE), with tag chains in
/// the place of header keys. Nothing when the agreement is all zero.
std::optional<RootStep> root_step(const RootKey& root, const RatchetSecret& ours,
                                  const RatchetPublicKey& theirs);

/// Takes the key of one message and moves the chain on; the old chain key is gone.
MessageKey next_message_key(ChainKey& chain);

/// What one message key gives: what seals the content, and what its receipt will say.
struct MessageSecrets {
  ContentKey content;
  wire::ReceiptToken token;
};
MessageSecrets message_secrets(const MessageKey& key);

}  // namespace chaski::e2ee
