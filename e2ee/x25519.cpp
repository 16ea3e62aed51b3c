// SPDX-License-Identifier: Apache-2.0
#include "e2ee/x25519.hpp"

#include <sodium.h>

#include "e2ee/reveal.hpp"

namespace chaski::e2ee {
namespace {

using Point = std::array<std::uint8_t, 32>;

/// 2^255 - 19 + `more`, little-endian.
constexpr Point field_prime_and(int more) {
  Point p{};
  p.fill(0xff);
  p[0] = static_cast<std::uint8_t>(0xed + more);
  p[31] = 0x7f;
  return p;
}

/// The canonical u-coordinates of low order, on the curve and on its twist.
constexpr std::array<Point, 5> kLowOrder = {{
    {0},
    {1},
    field_prime_and(-1),
    {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
     0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
     0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
    {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
     0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
     0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57},
}};

// Keys come in covered, and until what covers them is known to be ours nothing may depend on them:
// no branch, only a verdict.

/// 1 when little-endian `key` is below 2^255 - 19, else 0.
unsigned is_canonical(base::ByteView key) {
  constexpr Point kPrime = field_prime_and(0);
  unsigned borrow = 0;
  for (std::size_t i = 0; i < kPrime.size(); ++i) {
    borrow = (unsigned{key[i]} - kPrime[i] - borrow) >> 31;
  }
  return borrow;
}

unsigned is_low_order(base::ByteView key) {
  unsigned found = 0;
  for (const Point& point : kLowOrder) {
    unsigned differs = 0;
    for (std::size_t i = 0; i < point.size(); ++i) differs |= unsigned{key[i]} ^ point[i];
    found |= (differs - 1U) >> 31;
  }
  return found;
}

}  // namespace

std::optional<SharedSecret> agree(base::ByteView secret, base::ByteView public_key) {
  CHASKI_ASSERT(secret.size() == 32 && public_key.size() == 32);
  SharedSecret shared;
  const int failed =
      crypto_scalarmult_curve25519(shared.mutable_view().data(), secret.data(), public_key.data());
  const int zero = sodium_is_zero(shared.view().data(), SharedSecret::kSize);
  if (revealed(failed) != 0 || revealed(zero) != 0) return std::nullopt;
  return shared;
}

void public_of(base::ByteView secret, base::MutableByteView out) {
  CHASKI_ASSERT(secret.size() == 32 && out.size() == 32);
  Point point;
  crypto_scalarmult_curve25519_base(point.data(), secret.data());
  std::copy_n(revealed(point).begin(), point.size(), out.begin());
}

bool is_acceptable_x25519(base::ByteView public_key) {
  if (public_key.size() != 32) return false;
  const unsigned verdict = is_canonical(public_key) & ~is_low_order(public_key) & 1U;
  return revealed(verdict) == 1;
}

bool is_acceptable_ed25519(base::ByteView public_key) {
  return public_key.size() == 32 && crypto_core_ed25519_is_valid_point(public_key.data()) == 1;
}

}  // namespace chaski::e2ee
