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

Derived derive(std::string_view label, base::ByteView key) {
  const Personal personal = personal_of(label);
  static_assert(crypto_core_salsa20_INPUTBYTES == crypto_generichash_blake2b_PERSONALBYTES);
  static_assert(crypto_core_salsa20_OUTPUTBYTES == Derived::kSize);
  CHASKI_ASSERT(key.size() == crypto_core_salsa20_KEYBYTES);
  Derived out;
  crypto_core_salsa20(out.mutable_view().data(), personal.data(), key.data(), nullptr);
  return out;
}

}  // namespace chaski::e2ee
