// SPDX-License-Identifier: Apache-2.0
#include "vault/row_mask.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace chaski::vault {
namespace {

constexpr std::size_t kIdSizeMax = 32;
constexpr std::size_t kOwnAt = 8;  // after the depositor; the rest is zeros

MaskedOrigin pad_of(const MaskKey& key, base::ByteView id, std::uint64_t row) {
  static_assert(MaskKey::kSize == crypto_shorthash_siphashx24_KEYBYTES);
  static_assert(std::tuple_size_v<MaskedOrigin> == crypto_shorthash_siphashx24_BYTES);
  CHASKI_ASSERT(id.size() <= kIdSizeMax);
  std::array<std::uint8_t, kIdSizeMax + 8> input{};
  std::copy(id.begin(), id.end(), input.begin());
  for (std::size_t i = 0; i < 8; ++i) {
    input[id.size() + i] = static_cast<std::uint8_t>(row >> (8 * i));
  }
  MaskedOrigin pad{};
  crypto_shorthash_siphashx24(pad.data(), input.data(), id.size() + 8, key.view().data());
  return pad;
}

}  // namespace

MaskedOrigin mask(const Origin& origin, const MaskKey& key, base::ByteView id, std::uint64_t row) {
  MaskedOrigin out = pad_of(key, id, row);
  for (std::size_t i = 0; i < 8; ++i) {
    out[i] ^= static_cast<std::uint8_t>(origin.depositor >> (8 * i));
  }
  out[kOwnAt] ^= origin.own ? 1 : 0;
  return out;
}

std::optional<Origin> unmask(const MaskedOrigin& masked, const MaskKey& key, base::ByteView id,
                             std::uint64_t row) {
  MaskedOrigin plain = pad_of(key, id, row);
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] ^= masked[i];
  if (plain[kOwnAt] > 1) return std::nullopt;
  if (std::any_of(plain.begin() + kOwnAt + 1, plain.end(), [](auto b) { return b != 0; })) {
    return std::nullopt;
  }
  Origin origin;
  for (std::size_t i = 8; i-- > 0;) origin.depositor = origin.depositor << 8 | plain[i];
  origin.own = plain[kOwnAt] == 1;
  return origin;
}

}  // namespace chaski::vault
