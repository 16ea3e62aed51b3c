// SPDX-License-Identifier: Apache-2.0
#include "e2ee/x25519.hpp"

#include <sodium.h>

namespace chaski::e2ee {
namespace {

/// 2^255 - 19, little-endian.
constexpr std::array<std::uint8_t, 32> kFieldPrime = [] {
  std::array<std::uint8_t, 32> p{};
  p.fill(0xff);
  p[0] = 0xed;
  p[31] = 0x7f;
  return p;
}();

/// The two canonical u-coordinates of order 8 (the others of low order are 0, 1 and p - 1).
constexpr std::array<std::array<std::uint8_t, 32>, 2> kOrderEight = {{
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
     0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
     0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
}};

/// Whether little-endian `key` is below 2^255 - 19.
bool is_canonical(base::ByteView key) {
  for (std::size_t i = 32; i-- > 0;) {
    if (key[i] != kFieldPrime[i]) return key[i] < kFieldPrime[i];
  }
  return false;
}

bool is_low_order(base::ByteView key) {
  std::array<std::uint8_t, 32> zero_or_one{};
  zero_or_one[0] = key[0] & 1;
  if (base::equal(key, zero_or_one)) return true;
  std::array<std::uint8_t, 32> minus_one = kFieldPrime;
  minus_one[0] -= 1;
  return base::equal(key, minus_one) || base::equal(key, kOrderEight[0]) ||
         base::equal(key, kOrderEight[1]);
}

}  // namespace

std::optional<SharedSecret> agree(base::ByteView secret, base::ByteView public_key) {
  CHASKI_ASSERT(secret.size() == 32 && public_key.size() == 32);
  SharedSecret shared;
  if (crypto_scalarmult_curve25519(shared.mutable_view().data(), secret.data(),
                                   public_key.data()) != 0) {
    return std::nullopt;
  }
  if (sodium_is_zero(shared.view().data(), SharedSecret::kSize) != 0) return std::nullopt;
  return shared;
}

void public_of(base::ByteView secret, base::MutableByteView out) {
  CHASKI_ASSERT(secret.size() == 32 && out.size() == 32);
  crypto_scalarmult_curve25519_base(out.data(), secret.data());
}

bool is_acceptable_x25519(base::ByteView public_key) {
  return public_key.size() == 32 && is_canonical(public_key) && !is_low_order(public_key);
}

bool is_acceptable_ed25519(base::ByteView public_key) {
  return public_key.size() == 32 && crypto_core_ed25519_is_valid_point(public_key.data()) == 1;
}

}  // namespace chaski::e2ee
