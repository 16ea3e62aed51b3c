// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "link/secret.hpp"

namespace chaski::link::noise {

using CipherKey = SecretBytes<struct CipherKeyTag>;

/// Length of a ChaChaPoly authentication tag.
inline constexpr std::size_t kTagSize = 16;

/// The CipherState object with ChaCha20-Poly1305 (Noise Protocol Framework revision 34, 5.1, 12.3).
///
/// Works in place and allocates nothing. The nonce counts frames and is never sent.
class CipherState {
 public:
  CipherState() = default;
  explicit CipherState(const CipherKey& key) : key_(key), has_key_(true) {}

  bool has_key() const { return has_key_; }
  std::uint64_t nonce() const { return nonce_; }

  /// Encrypts all of `buffer` but its last kTagSize bytes, which become the tag. Needs a key.
  void encrypt(base::ByteView associated, base::MutableByteView buffer);
  /// Decrypts `buffer` (ciphertext, then tag) in place. Gives false, and leaves the nonce alone,
  /// when it does not authenticate. Needs a key.
  bool decrypt(base::ByteView associated, base::MutableByteView buffer);
  /// Rekey(): the key becomes the encryption of 32 zeros under the largest nonce; the nonce stays.
  void rekey();

 private:
  CipherKey key_;
  std::uint64_t nonce_ = 0;
  bool has_key_ = false;
};

}  // namespace chaski::link::noise
