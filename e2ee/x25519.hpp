// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "e2ee/keys.hpp"

namespace chaski::e2ee {

/// What two X25519 keys agree on; only ever hashed.
using SharedSecret = Secret<struct SharedSecretTag>;

/// X25519 (RFC 7748), or nothing when the result is all zero (a point of low order).
std::optional<SharedSecret> agree(base::ByteView secret, base::ByteView public_key);

/// The public key of a secret one; `out` is 32 bytes.
void public_of(base::ByteView secret, base::MutableByteView out);

/// Whether 32 bytes are a public key as an honest program makes them: below 2^255 - 19 with the top
/// bit clear, and not a point of low order on the curve or its twist.
bool is_acceptable_x25519(base::ByteView public_key);

/// Whether 32 bytes are an Ed25519 key (RFC 8032): canonical, on the curve, in the main subgroup.
bool is_acceptable_ed25519(base::ByteView public_key);

/// A fresh key pair of one role.
template <class SecretKey, class PublicKey>
void generate_pair(base::Random& random, SecretKey& secret, PublicKey& public_key) {
  random.fill(secret.mutable_view());
  public_of(secret.view(), public_key.mutable_view());
}

}  // namespace chaski::e2ee
