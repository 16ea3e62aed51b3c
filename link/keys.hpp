// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace chaski::link {

/// The static public key of a link: names a node to its neighbours, never a person.
using NodePublicKey = base::TaggedBytes<struct NodePublicKeyTag, 32>;

/// The static key pair of a link (X25519). The secret half is wiped on destruction.
class NodeKey {
 public:
  static NodeKey generate(base::Random& random);
  static NodeKey from_secret(base::ByteView secret_32);
  NodeKey(const NodeKey&) = default;
  NodeKey& operator=(const NodeKey&) = default;
  ~NodeKey();
  const NodePublicKey& public_key() const { return public_; }
  base::ByteView secret() const { return secret_; }

 private:
  NodeKey() = default;
  std::array<std::uint8_t, 32> secret_{};
  NodePublicKey public_;
};

/// The pre-shared key of a closed mesh: XXpsk3 instead of XX.
using NetworkKey = base::TaggedBytes<struct NetworkKeyTag, 32>;

}  // namespace chaski::link
