// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "link/noise_cipher.hpp"

namespace chaski::link::noise {

/// The SymmetricState object with SHA-256 (Noise Protocol Framework revision 34, section 5.2).
class SymmetricState {
 public:
  explicit SymmetricState(std::string_view protocol_name);

  void mix_key(base::ByteView input_key_material);
  void mix_hash(base::ByteView data);
  void mix_key_and_hash(base::ByteView input_key_material);

  bool has_key() const { return cipher_.has_key(); }
  /// EncryptAndHash in place. With a key the last kTagSize bytes of `buffer` become the tag;
  /// without one the buffer is only hashed.
  void encrypt_and_hash(base::MutableByteView buffer);
  /// DecryptAndHash in place; false when the bytes do not authenticate.
  bool decrypt_and_hash(base::MutableByteView buffer);

  /// The handshake hash h.
  base::ByteView hash() const { return hash_; }
  /// The two transport ciphers: initiator to responder, then the other way.
  std::pair<CipherState, CipherState> split() const;

 private:
  using Hash = std::array<std::uint8_t, 32>;
  /// SHA-256 of h and `data`.
  Hash hash_with(base::ByteView data) const;

  Hash hash_{};
  SecretBytes<struct ChainingKeyTag> chaining_key_;
  CipherState cipher_;
};

}  // namespace chaski::link::noise
