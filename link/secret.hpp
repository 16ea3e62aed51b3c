// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sodium/utils.h>

#include "base/bytes.hpp"

namespace chaski::link {

/// N secret bytes, wiped when they are overwritten or end. Tag keeps key roles apart.
template <class Tag, std::size_t N = 32>
struct SecretBytes {
  static constexpr std::size_t kSize = N;
  std::array<std::uint8_t, N> bytes{};

  SecretBytes() = default;
  SecretBytes(const SecretBytes&) = default;
  SecretBytes& operator=(const SecretBytes&) = default;
  ~SecretBytes() { wipe(); }
  base::ByteView view() const { return {bytes.data(), N}; }
  std::uint8_t* data() { return bytes.data(); }
  const std::uint8_t* data() const { return bytes.data(); }
  void wipe() { sodium_memzero(bytes.data(), N); }
};

}  // namespace chaski::link
