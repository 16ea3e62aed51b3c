// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "link/keys.hpp"
#include "link/noise_symmetric.hpp"

namespace chaski::link::noise {

using EphemeralSecret = SecretBytes<struct EphemeralSecretTag>;

/// What one party brings to a handshake.
struct HandshakeConfig {
  base::LinkRole role = base::LinkRole::initiator;
  base::ByteView prologue;                ///< both parties must have the same
  NodeKey static_key;
  EphemeralSecret ephemeral;              ///< 32 fresh random bytes; fixed ones only for vectors
  std::optional<NetworkKey> network_key;  ///< present: XXpsk3 instead of XX
};

/// The HandshakeState object (Noise Protocol Framework revision 34, section 5.3) for
/// Noise_XX_25519_ChaChaPoly_SHA256 and Noise_XXpsk3_25519_ChaChaPoly_SHA256:
///
///     -> e
///     <- e, ee, s, es
///     -> s, se (psk)
///
/// Write and read alternate, the initiator writes first, three messages in all. After one failure
/// the object is of no further use.
class HandshakeState {
 public:
  static constexpr int kMessages = 3;

  explicit HandshakeState(const HandshakeConfig& config);

  /// Bytes that message `index` (0 to 2) has beside its payload.
  static std::size_t overhead(int index, bool with_network_key);

  /// Writes the next message with `payload` into `out`, which must have room for the payload and
  /// the overhead. Gives the size, or nothing when a Diffie-Hellman result is zero.
  std::optional<std::size_t> write_message(base::ByteView payload, base::MutableByteView out);
  /// Reads the next message, decrypting in place; gives a view of the payload within `message`, or
  /// nothing when it is too short, does not authenticate, or a Diffie-Hellman result is zero.
  std::optional<base::ByteView> read_message(base::MutableByteView message);

  bool complete() const { return next_ == kMessages; }
  /// Valid once their static key was read: message 2 for the initiator, 3 for the responder.
  const NodePublicKey& remote_static() const { return remote_static_; }
  /// h: after the last message it names this handshake.
  base::ByteView hash() const { return symmetric_.hash(); }
  /// Initiator to responder, then the other way. Once complete.
  std::pair<CipherState, CipherState> split() const { return symmetric_.split(); }

 private:
  enum class Token : std::uint8_t { e, s, ee, es, se, psk };
  using PublicKeyBytes = std::array<std::uint8_t, 32>;

  static std::span<const Token> tokens(int index);
  void write_token(Token token, base::MutableByteView out, std::size_t& at);
  bool read_token(Token token, base::MutableByteView message, std::size_t& at);
  /// The tokens that both sides treat alike: DH results and the network key.
  bool mix_token(Token token);
  bool mix_dh(base::ByteView secret, base::ByteView public_key);
  void mix_ephemeral(const PublicKeyBytes& key);

  base::LinkRole role_;
  SymmetricState symmetric_;
  NodeKey static_;
  EphemeralSecret ephemeral_;
  PublicKeyBytes ephemeral_public_{};
  NodePublicKey remote_static_;
  PublicKeyBytes remote_ephemeral_{};
  std::optional<NetworkKey> network_key_;
  int next_ = 0;
};

}  // namespace chaski::link::noise
