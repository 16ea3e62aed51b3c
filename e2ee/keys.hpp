// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/assert.hpp"
#include "base/bytes.hpp"

namespace chaski::e2ee {

/// N secret bytes of one role: wiped when destroyed, compared in constant time, never printed.
template <class Role, std::size_t N = 32>
class Secret {
 public:
  static constexpr std::size_t kSize = N;
  Secret() = default;
  explicit Secret(base::ByteView bytes);  ///< asserts bytes.size() == N
  Secret(const Secret&) = default;
  Secret& operator=(const Secret&) = default;
  ~Secret();
  base::ByteView view() const { return {bytes_.data(), N}; }
  base::MutableByteView mutable_view() { return {bytes_.data(), N}; }
  bool operator==(const Secret& other) const;

 private:
  std::array<std::uint8_t, N> bytes_{};
};

using AgreementPublicKey =
    base::TaggedBytes<struct AgreementPublicKeyTag, 32>;  ///< X25519, of a person
using SigningPublicKey =
    base::TaggedBytes<struct SigningPublicKeyTag, 32>;               ///< Ed25519, of a person
using PrekeyPublic = base::TaggedBytes<struct PrekeyPublicTag, 32>;  ///< X25519, for one contact
using RatchetPublicKey =
    base::TaggedBytes<struct RatchetPublicKeyTag, 32>;  ///< X25519, of one ratchet step
using AgreementSecret = Secret<struct AgreementSecretTag>;
using SigningSeed = Secret<struct SigningSeedTag>;
using PrekeySecret = Secret<struct PrekeySecretTag>;
using RatchetSecret = Secret<struct RatchetSecretTag>;
using RootKey = Secret<struct RootKeyTag>;
using ChainKey = Secret<struct ChainKeyTag>;
using MessageKey = Secret<struct MessageKeyTag>;
using ContentKey = Secret<struct ContentKeyTag>;
using TagBlockKey =
    Secret<struct TagBlockKeyTag>;  ///< starts a block of tags, and an epoch of them
using TagChainKey = Secret<struct TagChainKeyTag>;  ///< one step within a block of tags
using RendezvousSecret = Secret<struct RendezvousSecretTag>;

/// Wipes through libsodium, so that the compiler cannot leave it out.
void wipe(base::MutableByteView bytes);
bool equal_constant_time(base::ByteView a, base::ByteView b);

template <class Role, std::size_t N>
Secret<Role, N>::Secret(base::ByteView bytes) {
  CHASKI_ASSERT(bytes.size() == N);
  std::copy_n(bytes.begin(), N, bytes_.begin());
}
template <class Role, std::size_t N>
Secret<Role, N>::~Secret() {
  wipe(bytes_);
}
template <class Role, std::size_t N>
bool Secret<Role, N>::operator==(const Secret& other) const {
  return equal_constant_time(view(), other.view());
}

}  // namespace chaski::e2ee
