// SPDX-License-Identifier: Apache-2.0
// OpenSSL's SHA256_* are called obsolete since 3.0, and are its quickest way to hash little.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "tools/bench/e2ee_signal_crypto.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstring>

#include "tools/bench/e2ee_contender.hpp"

namespace chaski::bench {
namespace {

constexpr std::size_t kBlock = SHA256_CBLOCK;

/// HMAC (RFC 2104) of one message: the inner hash that runs, and the outer one, begun.
struct Hmac {
  SHA256_CTX inner;
  SHA256_CTX outer;
};
/// libsignal-protocol-c has one HMAC open at a time; no memory is asked for.
Hmac hmac_in_use;
SHA512_CTX digest_in_use;

int hmac_init(void** context, const std::uint8_t* key, std::size_t key_size, void*) {
  std::array<std::uint8_t, kBlock> block{};
  if (key_size > block.size()) {
    SHA256(key, key_size, block.data());
  } else if (key_size > 0) {
    std::memcpy(block.data(), key, key_size);
  }
  for (auto& byte : block) byte ^= 0x36;
  SHA256_Init(&hmac_in_use.inner);
  SHA256_Update(&hmac_in_use.inner, block.data(), block.size());
  for (auto& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA256_Init(&hmac_in_use.outer);
  SHA256_Update(&hmac_in_use.outer, block.data(), block.size());
  *context = &hmac_in_use;
  return SG_SUCCESS;
}
int hmac_update(void* context, const std::uint8_t* data, std::size_t size, void*) {
  SHA256_Update(&static_cast<Hmac*>(context)->inner, data, size);
  return SG_SUCCESS;
}
int hmac_final(void* context, signal_buffer** output, void*) {
  auto* hmac = static_cast<Hmac*>(context);
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256_Final(digest.data(), &hmac->inner);
  SHA256_Update(&hmac->outer, digest.data(), digest.size());
  SHA256_Final(digest.data(), &hmac->outer);
  *output = signal_buffer_create(digest.data(), digest.size());
  return *output != nullptr ? SG_SUCCESS : SG_ERR_NOMEM;
}
void nothing_to_clean(void*, void*) {}

int digest_init(void** context, void*) {
  SHA512_Init(&digest_in_use);
  *context = &digest_in_use;
  return SG_SUCCESS;
}
int digest_update(void* context, const std::uint8_t* data, std::size_t size, void*) {
  SHA512_Update(static_cast<SHA512_CTX*>(context), data, size);
  return SG_SUCCESS;
}
int digest_final(void* context, signal_buffer** output, void*) {
  std::array<std::uint8_t, SHA512_DIGEST_LENGTH> digest;
  SHA512_Final(digest.data(), static_cast<SHA512_CTX*>(context));
  SHA512_Init(static_cast<SHA512_CTX*>(context));
  *output = signal_buffer_create(digest.data(), digest.size());
  return *output != nullptr ? SG_SUCCESS : SG_ERR_NOMEM;
}

int cbc(signal_buffer** output, int cipher, const std::uint8_t* key, std::size_t key_size,
        const std::uint8_t* iv, std::size_t iv_size, const std::uint8_t* in, std::size_t size,
        bool encrypt) {
  static EVP_CIPHER* const aes = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  static EVP_CIPHER_CTX* const context = EVP_CIPHER_CTX_new();
  if (cipher != SG_CIPHER_AES_CBC_PKCS5 || key_size != 32 || iv_size != 16) return SG_ERR_INVAL;
  std::array<std::uint8_t, 4'096> out;
  if (size + 16 > out.size()) return SG_ERR_INVAL;
  int written = 0;
  int last = 0;
  if (EVP_CipherInit_ex2(context, aes, key, iv, encrypt ? 1 : 0, nullptr) != 1 ||
      EVP_CipherUpdate(context, out.data(), &written, in, static_cast<int>(size)) != 1 ||
      EVP_CipherFinal_ex(context, out.data() + written, &last) != 1) {
    return SG_ERR_UNKNOWN;
  }
  *output = signal_buffer_create(
      out.data(), static_cast<std::size_t>(written) + static_cast<std::size_t>(last));
  return *output != nullptr ? SG_SUCCESS : SG_ERR_NOMEM;
}

}  // namespace

signal_crypto_provider signal_crypto(base::Random& random) {
  signal_crypto_provider out{};
  out.random_func = [](std::uint8_t* data, std::size_t size, void* user) {
    static_cast<base::Random*>(user)->fill({data, size});
    return SG_SUCCESS;
  };
  out.hmac_sha256_init_func = hmac_init;
  out.hmac_sha256_update_func = hmac_update;
  out.hmac_sha256_final_func = hmac_final;
  out.hmac_sha256_cleanup_func = nothing_to_clean;
  out.sha512_digest_init_func = digest_init;
  out.sha512_digest_update_func = digest_update;
  out.sha512_digest_final_func = digest_final;
  out.sha512_digest_cleanup_func = nothing_to_clean;
  out.encrypt_func = [](signal_buffer** output, int cipher, const std::uint8_t* key,
                        std::size_t key_size, const std::uint8_t* iv, std::size_t iv_size,
                        const std::uint8_t* text, std::size_t size, void*) {
    return cbc(output, cipher, key, key_size, iv, iv_size, text, size, true);
  };
  out.decrypt_func = [](signal_buffer** output, int cipher, const std::uint8_t* key,
                        std::size_t key_size, const std::uint8_t* iv, std::size_t iv_size,
                        const std::uint8_t* sealed, std::size_t size, void*) {
    return cbc(output, cipher, key, key_size, iv, iv_size, sealed, size, false);
  };
  out.user_data = &random;
  return out;
}

}  // namespace chaski::bench
