// SPDX-License-Identifier: Apache-2.0
#include "vault/passphrase.hpp"

#include <sodium.h>

#include "base/assert.hpp"

namespace chaski::vault {

bool PassphraseCost::is_allowed() const {
  return passes >= kPassesMin && passes <= kPassesMax && memory_KiB >= kMemoryMin_KiB &&
         memory_KiB <= kMemoryMax_KiB;
}

std::optional<KeyEncryptionKey> stretch(base::ByteView passphrase, const Salt& salt,
                                        const PassphraseCost& cost) {
  static_assert(Salt::kSize == crypto_pwhash_argon2id_SALTBYTES);
  CHASKI_ASSERT(cost.is_allowed() && passphrase.size() <= kPassphraseSizeMax);
  KeyEncryptionKey key;
  const auto out = key.mutable_view();
  const std::size_t memory_bytes = std::size_t{cost.memory_KiB} * 1'024;
  const int code = crypto_pwhash_argon2id(
      out.data(), out.size(), reinterpret_cast<const char*>(passphrase.data()), passphrase.size(),
      salt.bytes.data(), cost.passes, memory_bytes, crypto_pwhash_argon2id_ALG_ARGON2ID13);
  if (code != 0) return std::nullopt;
  return key;
}

}  // namespace chaski::vault
