// SPDX-License-Identifier: Apache-2.0
#include "link/noise_symmetric.hpp"

#include <sodium/crypto_auth_hmacsha256.h>
#include <sodium/crypto_hash_sha256.h>

#include <algorithm>

namespace chaski::link::noise {

namespace {

using HashOutput = SecretBytes<struct HashOutputTag>;

void hmac(base::ByteView key, base::ByteView first, base::ByteView second, HashOutput& out) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, first.data(), first.size());
  crypto_auth_hmacsha256_update(&state, second.data(), second.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof state);
}

/// HKDF of section 4.3 with as many outputs as `out` has: 2 or 3.
template <std::size_t N>
void hkdf(base::ByteView chaining_key, base::ByteView input, std::array<HashOutput, N>& out) {
  HashOutput temp_key;
  hmac(chaining_key, input, {}, temp_key);
  base::ByteView previous;
  for (std::size_t i = 0; i < N; ++i) {
    const auto counter = static_cast<std::uint8_t>(i + 1);
    hmac(temp_key.view(), previous, {&counter, 1}, out[i]);
    previous = out[i].view();
  }
}

CipherKey to_key(const HashOutput& output) {
  CipherKey key;
  key.bytes = output.bytes;
  return key;
}

}  // namespace

SymmetricState::SymmetricState(std::string_view protocol_name) {
  const base::ByteView name = base::as_bytes(protocol_name);
  if (name.size() <= hash_.size()) {
    std::copy(name.begin(), name.end(), hash_.begin());
  } else {
    crypto_hash_sha256(hash_.data(), name.data(), name.size());
  }
  chaining_key_.bytes = hash_;
}

void SymmetricState::mix_key(base::ByteView input_key_material) {
  std::array<HashOutput, 2> out;
  hkdf(chaining_key_.view(), input_key_material, out);
  chaining_key_.bytes = out[0].bytes;
  cipher_ = CipherState(to_key(out[1]));
}

void SymmetricState::mix_hash(base::ByteView data) { hash_ = hash_with(data); }

SymmetricState::Hash SymmetricState::hash_with(base::ByteView data) const {
  Hash out;
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  crypto_hash_sha256_update(&state, hash_.data(), hash_.size());
  crypto_hash_sha256_update(&state, data.data(), data.size());
  crypto_hash_sha256_final(&state, out.data());
  return out;
}

void SymmetricState::mix_key_and_hash(base::ByteView input_key_material) {
  std::array<HashOutput, 3> out;
  hkdf(chaining_key_.view(), input_key_material, out);
  chaining_key_.bytes = out[0].bytes;
  mix_hash(out[1].view());
  cipher_ = CipherState(to_key(out[2]));
}

void SymmetricState::encrypt_and_hash(base::MutableByteView buffer) {
  if (cipher_.has_key()) cipher_.encrypt(hash_, buffer);
  mix_hash(buffer);
}

bool SymmetricState::decrypt_and_hash(base::MutableByteView buffer) {
  // The hash of the ciphertext is wanted, and decrypting in place destroys it.
  const Hash after = hash_with(buffer);
  if (cipher_.has_key() && !cipher_.decrypt(hash_, buffer)) return false;
  hash_ = after;
  return true;
}

std::pair<CipherState, CipherState> SymmetricState::split() const {
  std::array<HashOutput, 2> out;
  hkdf(chaining_key_.view(), {}, out);
  return {CipherState(to_key(out[0])), CipherState(to_key(out[1]))};
}

}  // namespace chaski::link::noise
