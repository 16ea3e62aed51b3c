// SPDX-License-Identifier: Apache-2.0
#include "e2ee/kdf.hpp"

#include <sodium.h>

namespace chaski::e2ee {
namespace {

using Personal = std::array<std::uint8_t, crypto_generichash_blake2b_PERSONALBYTES>;

Personal personal_of(std::string_view label) {
  Personal personal{};
  CHASKI_ASSERT(label.size() <= personal.size());
  std::copy(label.begin(), label.end(), personal.begin());
  return personal;
}

}  // namespace

void hash(base::MutableByteView out, std::string_view label, base::ByteView key,
          std::initializer_list<base::ByteView> parts) {
  const Personal personal = personal_of(label);
  crypto_generichash_blake2b_state state;
  CHASKI_ASSERT(crypto_generichash_blake2b_init_salt_personal(
                    &state, key.data(), key.size(), out.size(), nullptr, personal.data()) == 0);
  for (const base::ByteView part : parts) {
    crypto_generichash_blake2b_update(&state, part.data(), part.size());
  }
  crypto_generichash_blake2b_final(&state, out.data(), out.size());
  sodium_memzero(&state, sizeof state);
}

void derive(base::MutableByteView out, std::string_view label, base::ByteView key) {
  const Personal personal = personal_of(label);
  CHASKI_ASSERT(crypto_generichash_blake2b_salt_personal(out.data(), out.size(), nullptr, 0,
                                                         key.data(), key.size(), nullptr,
                                                         personal.data()) == 0);
}

}  // namespace chaski::e2ee
