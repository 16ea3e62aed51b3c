// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/crypto/link_crypto.hpp"

#include <dlfcn.h>
#include <sodium/crypto_aead_chacha20poly1305.h>
#include <sodium/crypto_scalarmult.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "sim/world/frame_hash.hpp"

namespace chaski::tools {
namespace {

using Words = std::array<std::uint64_t, 4>;  ///< 32 bytes

LinkCrypto g_kind = LinkCrypto::real;
LinkCryptoCharge g_charge;

/// libsodium's function of that name, which this program's hides.
template <class Function>
Function* behind(const char* name) {
  void* found = ::dlsym(RTLD_NEXT, name);
  CHASKI_ASSERT(found != nullptr);
  return reinterpret_cast<Function*>(found);
}

Words words_at(const unsigned char* bytes) {
  Words words{};
  std::memcpy(words.data(), bytes, sizeof(words));
  return words;
}

/// Places for so many entries, each in the place that its key says; who comes takes it.
template <class Value>
class Remembered {
 public:
  void put(const Words& key, const Value& value) { place_of(key) = {key, value}; }
  const Value* find(const Words& key) {
    const auto& [known, value] = place_of(key);
    return known == key ? &value : nullptr;
  }

 private:
  static constexpr std::size_t kPlaces = 1u << 17;  // 8 MiB
  std::pair<Words, Value>& place_of(const Words& key) {
    if (places_.empty()) places_.resize(kPlaces);
    return places_[sim::mix(key[1], key[2]) % kPlaces];
  }
  std::vector<std::pair<Words, Value>> places_;
};

/// Public keys by secret, and keys agreed on by what both ends know: the sum of their public keys
/// and a hash of both, whoever comes first.
struct Agreements {
  Remembered<Words> public_keys;
  Remembered<Words> agreed;
};

Agreements& agreements() {
  static Agreements all;
  return all;
}

int real_agree(unsigned char* out, const unsigned char* secret, const unsigned char* key) {
  static auto* const real = behind<decltype(crypto_scalarmult)>("crypto_scalarmult");
  return real(out, secret, key);
}

/// Computed by the end that asks first, and remembered for the other.
int agree_once(unsigned char* out, const unsigned char* secret, const unsigned char* key) {
  const Words* ours = agreements().public_keys.find(words_at(secret));
  if (ours == nullptr) return real_agree(out, secret, key);
  const Words theirs = words_at(key);
  Words both{};
  for (std::size_t i = 0; i < both.size(); ++i) {
    both[i] = sim::mix((*ours)[i] + theirs[i], (*ours)[i] ^ theirs[i]);
  }
  if (const Words* agreed = agreements().agreed.find(both)) {
    std::memcpy(out, agreed->data(), sizeof(*agreed));
    return 0;
  }
  const int done = real_agree(out, secret, key);
  if (done == 0) agreements().agreed.put(both, words_at(out));
  return done;
}

/// A frame's key stream, one word again and again, and its tag.
struct Seal {
  Seal(const unsigned char* key, const unsigned char* nonce) {
    for (const std::uint64_t word : words_at(key)) stream = sim::mix(stream, word);
    std::uint64_t counter = 0;
    std::memcpy(&counter, nonce + 4, sizeof(counter));
    stream = sim::mix(stream, counter);
  }
  void cover(unsigned char* out, const unsigned char* in, std::size_t size) const {
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, in + at, 8);
      word ^= stream;
      std::memcpy(out + at, &word, 8);
    }
    for (; at < size; ++at) {
      out[at] = static_cast<unsigned char>(in[at] ^ (stream >> (8 * (at % 8))));
    }
  }
  std::array<std::uint64_t, 2> tag(const unsigned char* covered, std::size_t size) const {
    const std::uint64_t first = sim::mix(stream, sim::hash_bytes({covered, size}));
    return {first, sim::mix(first, stream)};
  }
  std::uint64_t stream = 0;
};

/// Frames have nothing beside them; the parts of a handshake do, and stay real.
bool is_stand_in(unsigned long long associated_size) {
  return g_kind == LinkCrypto::stand_in && associated_size == 0;
}

constexpr std::size_t kTag = crypto_aead_chacha20poly1305_ietf_ABYTES;
static_assert(sizeof(std::array<std::uint64_t, 2>) == kTag);

}  // namespace

void set_link_crypto(LinkCrypto kind) {
  g_kind = kind;
}

LinkCryptoCharge take_link_crypto_charge() {
  return std::exchange(g_charge, {});
}

}  // namespace chaski::tools

// What `link/` calls, in libsodium's place; sodium's documentation is the contract of each.
extern "C" {

int crypto_scalarmult_base(unsigned char* out, const unsigned char* secret) {
  using namespace chaski::tools;
  ++g_charge.key_pairs;
  static auto* const real = behind<decltype(crypto_scalarmult_base)>("crypto_scalarmult_base");
  const int done = real(out, secret);
  if (g_kind == LinkCrypto::stand_in) {
    agreements().public_keys.put(words_at(secret), words_at(out));
  }
  return done;
}

int crypto_scalarmult(unsigned char* out, const unsigned char* secret, const unsigned char* key) {
  using namespace chaski::tools;
  ++g_charge.agreements;
  return g_kind == LinkCrypto::stand_in ? agree_once(out, secret, key)
                                        : real_agree(out, secret, key);
}

int crypto_aead_chacha20poly1305_ietf_encrypt(
    unsigned char* out, unsigned long long* out_size, const unsigned char* in,
    unsigned long long size, const unsigned char* associated, unsigned long long associated_size,
    const unsigned char* unused, const unsigned char* nonce, const unsigned char* key) {
  using namespace chaski::tools;
  ++g_charge.frames;
  g_charge.bytes += size;
  if (!is_stand_in(associated_size)) {
    static auto* const real = behind<decltype(crypto_aead_chacha20poly1305_ietf_encrypt)>(
        "crypto_aead_chacha20poly1305_ietf_encrypt");
    return real(out, out_size, in, size, associated, associated_size, unused, nonce, key);
  }
  const Seal seal(key, nonce);
  seal.cover(out, in, size);
  const auto tag = seal.tag(out, size);
  std::memcpy(out + size, tag.data(), kTag);
  if (out_size != nullptr) *out_size = size + kTag;
  return 0;
}

int crypto_aead_chacha20poly1305_ietf_decrypt(
    unsigned char* out, unsigned long long* out_size, unsigned char* unused,
    const unsigned char* in, unsigned long long size, const unsigned char* associated,
    unsigned long long associated_size, const unsigned char* nonce, const unsigned char* key) {
  using namespace chaski::tools;
  ++g_charge.frames;
  g_charge.bytes += size;
  if (!is_stand_in(associated_size)) {
    static auto* const real = behind<decltype(crypto_aead_chacha20poly1305_ietf_decrypt)>(
        "crypto_aead_chacha20poly1305_ietf_decrypt");
    return real(out, out_size, unused, in, size, associated, associated_size, nonce, key);
  }
  if (size < kTag) return -1;
  const Seal seal(key, nonce);
  const auto tag = seal.tag(in, size - kTag);
  if (std::memcmp(in + size - kTag, tag.data(), kTag) != 0) return -1;
  seal.cover(out, in, size - kTag);
  if (out_size != nullptr) *out_size = size - kTag;
  return 0;
}

}  // extern "C"
