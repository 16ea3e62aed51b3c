// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/id_hash.hpp"

#include <sodium/crypto_shorthash.h>

#include <cstring>

namespace chaski::mesh_router {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == 8);

IdHasher::IdHasher(base::Random& random) { random.fill(key_); }

std::uint64_t IdHasher::operator()(base::ByteView bytes) const {
  std::array<std::uint8_t, crypto_shorthash_BYTES> out{};
  crypto_shorthash(out.data(), bytes.data(), bytes.size(), key_.data());
  std::uint64_t hash = 0;
  std::memcpy(&hash, out.data(), sizeof hash);
  return hash;
}

std::uint64_t IdHasher::depositor(const NeighbourId& neighbour) const {
  const std::uint64_t hash = (*this)(neighbour.view());
  return hash == 0 ? 1 : hash;
}

std::uint64_t IdHasher::depositor(std::uint64_t origin) const {
  std::array<std::uint8_t, sizeof origin> bytes{};
  std::memcpy(bytes.data(), &origin, sizeof origin);
  const std::uint64_t hash = (*this)(bytes);
  return hash == 0 ? 1 : hash;
}

}  // namespace chaski::mesh_router
