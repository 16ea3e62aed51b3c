// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/short_id.hpp"

#include <sodium/crypto_shorthash.h>

#include <array>

namespace chaski::mesh_router {

static_assert(crypto_shorthash_KEYBYTES == ShortIdSalt::kSize && crypto_shorthash_BYTES == 8);

std::uint64_t short_id(const ShortIdSalt& salt, const wire::EnvelopeId& id) {
  std::array<std::uint8_t, crypto_shorthash_BYTES> hash{};
  crypto_shorthash(hash.data(), id.bytes.data(), id.bytes.size(), salt.bytes.data());
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 6; ++i) low |= std::uint64_t{hash[i]} << (8 * i);
  return low == 0 ? 1 : low;
}

}  // namespace chaski::mesh_router
