// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/bytes.hpp"

namespace chaski::sim {

/// One step of a 64-bit hash: for telling two runs apart, against nobody.
inline std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  return (std::rotl(hash, 23) ^ value) * 0x9FB21C651E98DF25u;
}

inline std::uint64_t hash_bytes(base::ByteView bytes) {
  std::uint64_t hash = bytes.size();
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, 8);
    hash = mix(hash, word);
  }
  for (; at < bytes.size(); ++at) hash = mix(hash, bytes[at]);
  return hash ^ (hash >> 29);
}

}  // namespace chaski::sim
