// SPDX-License-Identifier: Apache-2.0
#include "wire/stamp.hpp"

#include <sodium/crypto_generichash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "base/assert.hpp"

namespace chaski::wire {

namespace {

constexpr std::string_view kDomain = "chaski1 stamp";
constexpr std::size_t kDomainSize = 16;
constexpr std::size_t kNonceSize = 8;

}  // namespace

unsigned stamp_bits(const StampSubject& subject, std::uint64_t nonce) {
  std::array<std::uint8_t, kDomainSize + StampSubject::kSize + kNonceSize> in{};
  std::copy(kDomain.begin(), kDomain.end(), in.begin());
  std::copy(subject.bytes.begin(), subject.bytes.end(), in.begin() + kDomainSize);
  for (std::size_t i = 0; i < kNonceSize; ++i) {
    in[kDomainSize + StampSubject::kSize + i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  }
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash(hash.data(), hash.size(), in.data(), in.size(), nullptr, 0);
  unsigned bits = 0;
  for (const std::uint8_t byte : hash) {
    bits += static_cast<unsigned>(std::countl_zero(byte));
    if (byte != 0) break;
  }
  return bits;
}

std::uint64_t stamp_hashes(unsigned bits) {
  return std::uint64_t{1} << std::min(bits, kStampBitsMax);
}

StampSearch::StampSearch(const StampSubject& subject, unsigned bits, std::uint64_t first)
    : subject_(subject), bits_(bits), next_(first) {
  CHASKI_ASSERT(bits <= kStampBitsMax);
}

bool StampSearch::work(std::uint64_t hashes_max) {
  for (std::uint64_t i = 0; i < hashes_max && !found_; ++i) {
    const std::uint64_t nonce = next_++;
    ++done_;
    if (stamp_bits(subject_, nonce) >= bits_) found_ = nonce;
  }
  return found_.has_value();
}

}  // namespace chaski::wire
