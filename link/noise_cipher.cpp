// SPDX-License-Identifier: Apache-2.0
#include "link/noise_cipher.hpp"

#include <sodium/crypto_aead_chacha20poly1305.h>

#include <limits>

#include "base/assert.hpp"

namespace chaski::link::noise {

namespace {

static_assert(kTagSize == crypto_aead_chacha20poly1305_ietf_ABYTES);
static_assert(CipherKey::kSize == crypto_aead_chacha20poly1305_ietf_KEYBYTES);

/// Reserved for rekey(): no frame is sent under it.
constexpr std::uint64_t kNonceMax = std::numeric_limits<std::uint64_t>::max();

using NonceBytes = std::array<std::uint8_t, crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

/// 32 zero bits, then the counter in little-endian order (section 12.3).
NonceBytes nonce_bytes(std::uint64_t nonce) {
  NonceBytes out{};
  for (std::size_t i = 0; i < 8; ++i) out[4 + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  return out;
}

}  // namespace

void CipherState::encrypt(base::ByteView associated, base::MutableByteView buffer) {
  CHASKI_ASSERT(has_key_ && nonce_ != kNonceMax && buffer.size() >= kTagSize);
  const NonceBytes nonce = nonce_bytes(nonce_++);
  crypto_aead_chacha20poly1305_ietf_encrypt(buffer.data(), nullptr, buffer.data(),
                                            buffer.size() - kTagSize, associated.data(),
                                            associated.size(), nullptr, nonce.data(), key_.data());
}

bool CipherState::decrypt(base::ByteView associated, base::MutableByteView buffer) {
  CHASKI_ASSERT(has_key_);
  if (buffer.size() < kTagSize || nonce_ == kNonceMax) return false;
  const NonceBytes nonce = nonce_bytes(nonce_);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(buffer.data(), nullptr, nullptr, buffer.data(),
                                                buffer.size(), associated.data(),
                                                associated.size(), nonce.data(),
                                                key_.data()) != 0) {
    return false;
  }
  ++nonce_;
  return true;
}

void CipherState::rekey() {
  CHASKI_ASSERT(has_key_);
  SecretBytes<struct RekeyTag, CipherKey::kSize + kTagSize> buffer;
  const NonceBytes nonce = nonce_bytes(kNonceMax);
  crypto_aead_chacha20poly1305_ietf_encrypt(buffer.data(), nullptr, buffer.data(), CipherKey::kSize,
                                            nullptr, 0, nullptr, nonce.data(), key_.data());
  std::copy_n(buffer.bytes.begin(), CipherKey::kSize, key_.bytes.begin());
}

}  // namespace chaski::link::noise
