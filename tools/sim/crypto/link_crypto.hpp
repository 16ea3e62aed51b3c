// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace chaski::tools {

/// Whether what links compute is computed.
enum class LinkCrypto : std::uint8_t {
  real,
  /// What two ends agree on is computed by the one that asks first and remembered for the other,
  /// and frames are sealed by a function of equal sizes that keeps nothing secret, but opens
  /// nothing that was changed. Handshakes are real to the byte, and so are salts, and all that is
  /// between people: nothing that a node decides by is another.
  stand_in,
};

/// What all links of this process compute from now on. libsodium's functions that `link/` calls are
/// defined by this program, which passes them on when they are real; no other code knows of it.
///
/// Links that are up must not live through a change: set it before the first.
void set_link_crypto(LinkCrypto kind);

/// What links have computed or were charged for, real or not.
struct LinkCryptoCharge {
  std::uint64_t key_pairs = 0;
  std::uint64_t agreements = 0;
  std::uint64_t frames = 0;  ///< sealed or opened, handshakes' parts too
  std::uint64_t bytes = 0;   ///< in them

  /// On a Cortex-M4, the slowest processor that chaski runs on: 550,000 cycles for each point
  /// multiplication (the figure of embedded implementations of X25519), and for ChaCha20-Poly1305
  /// 20 a byte and 2,000 a frame, rounded up.
  std::uint64_t cortex_m4_cycles() const {
    return (key_pairs + agreements) * 550'000 + bytes * 20 + frames * 2'000;
  }
};
/// Since the last call.
LinkCryptoCharge take_link_crypto_charge();

}  // namespace chaski::tools
