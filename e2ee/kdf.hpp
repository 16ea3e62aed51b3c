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

/// The same with no input: one compression, for the chains.
void derive(base::MutableByteView out, std::string_view label, base::ByteView key);

/// A secret of type S derived from a key.
template <class S>
S derive_secret(std::string_view label, base::ByteView key) {
  S out;
  derive(out.mutable_view(), label, key);
  return out;
}

/// Two secrets derived at once from a key: the first and the second half of 64 bytes.
template <class First, class Second>
void derive_pair(std::string_view label, base::ByteView key, First& first, Second& second) {
  Secret<struct PairRole, 64> both;
  derive(both.mutable_view(), label, key);
  std::copy_n(both.view().begin(), 32, first.mutable_view().begin());
  std::copy_n(both.view().begin() + 32, 32, second.mutable_view().begin());
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
