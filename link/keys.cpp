// SPDX-License-Identifier: Apache-2.0
#include "link/keys.hpp"

#include <sodium/crypto_scalarmult.h>
#include <sodium/utils.h>

#include "base/assert.hpp"

namespace chaski::link {

NodeKey NodeKey::generate(base::Random& random) {
  NodeKey key;
  random.fill(key.secret_);
  crypto_scalarmult_base(key.public_.bytes.data(), key.secret_.data());
  return key;
}

NodeKey NodeKey::from_secret(base::ByteView secret_32) {
  NodeKey key;
  CHASKI_ASSERT(secret_32.size() == key.secret_.size());
  std::copy(secret_32.begin(), secret_32.end(), key.secret_.begin());
  crypto_scalarmult_base(key.public_.bytes.data(), key.secret_.data());
  return key;
}

NodeKey::~NodeKey() { sodium_memzero(secret_.data(), secret_.size()); }

}  // namespace chaski::link
