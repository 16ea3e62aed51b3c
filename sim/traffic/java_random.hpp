// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace chaski::sim {

/// The numbers of java.util.Random, for worlds that must come out as The ONE's do.
///
/// Source: the linear congruential formula that the class's documentation prescribes (Java SE API,
/// java.util.Random: seed, next, nextInt); Collections.shuffle is prescribed there likewise.
class JavaRandom {
 public:
  explicit JavaRandom(std::int64_t seed)
      : state_((static_cast<std::uint64_t>(seed) ^ kFactor) & kMask) {}

  /// Uniform in [0, bound); bound must be above 0.
  std::uint32_t below(std::uint32_t bound) {
    if ((bound & (bound - 1)) == 0) {
      return static_cast<std::uint32_t>((std::uint64_t{bound} * next()) >> 31);
    }
    for (;;) {
      const std::uint32_t bits = next();
      const std::uint32_t value = bits % bound;
      // Refused where the prescribed sum in 32 bits with a sign would overflow.
      if (std::uint64_t{bits} - value + (bound - 1) < std::uint64_t{1} << 31) return value;
    }
  }
  /// As Collections.shuffle: from the end, each changes places with one that is not behind it.
  template <class Sequence>
  void shuffle(Sequence& sequence) {
    for (std::size_t i = sequence.size(); i > 1; --i) {
      using std::swap;
      swap(sequence[i - 1], sequence[below(static_cast<std::uint32_t>(i))]);
    }
  }

 private:
  static constexpr std::uint64_t kFactor = 0x5DEECE66D;
  static constexpr std::uint64_t kMask = (std::uint64_t{1} << 48) - 1;
  /// 31 bits.
  std::uint32_t next() {
    state_ = (state_ * kFactor + 0xB) & kMask;
    return static_cast<std::uint32_t>(state_ >> 17);
  }
  std::uint64_t state_;
};

/// The hash of a Java string; `text` is ASCII (each byte counts as one character).
inline std::int32_t java_hash(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = 31 * hash + static_cast<unsigned char>(c);
  return static_cast<std::int32_t>(hash);
}

}  // namespace chaski::sim
