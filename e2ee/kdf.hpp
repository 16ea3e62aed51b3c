// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>

#include "base/bytes.hpp"
#include "e2ee/keys.hpp"

namespace chaski::e2ee {

/// BLAKE2b of `parts` one after the other into `out` (16 to 64 bytes), with `label` (at most 16
/// bytes, zero padded) as personalisation and `key` (0 to 64 bytes) as key. Source: RFC 7693 and
/// section 2.8 of the BLAKE2 paper (Aumasson, Neves, Wilcox-O'Hearn, Winnerlein, 2013) for the
/// personalisation.
void hash(base::MutableByteView out, std::string_view label, base::ByteView key,
          std::initializer_list<base::ByteView> parts);

/// What a 32-byte key gives for a label.
using Derived = Secret<struct DerivedTag, 64>;
/// The block of Salsa20 for this key at the place that `label` (at most 16 bytes, zero padded)
/// names as nonce and counter: a third of the time of a hash, for the chains. Nothing else than
/// this is ever done with such a key. Source: Bernstein, "The Salsa20 family of stream ciphers",
/// 2007; generators that replace their key: Bellare and Yee, "Forward-Security in Private-Key
/// Cryptography", 2003.
Derived derive(std::string_view label, base::ByteView key);

/// A secret of type S: the first half of what is derived.
template <class S>
S derive_secret(std::string_view label, base::ByteView key) {
  return S(derive(label, key).view().first(32));
}

/// A public hash of N bytes.
template <std::size_t N>
std::array<std::uint8_t, N> public_hash(std::string_view label,
                                        std::initializer_list<base::ByteView> parts) {
  std::array<std::uint8_t, N> out{};
  hash(out, label, {}, parts);
  return out;
}

}  // namespace chaski::e2ee
