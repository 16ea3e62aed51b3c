// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace chaski::base {

/// Where random bytes come from: an argument everywhere, so that a seeded node replays exactly.
///
/// Two implementations: the daemon's (libsodium, gated on the kernel's generator) and SeededRandom.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteView out) = 0;

  std::uint64_t next_u64();
  /// Uniform in [0, bound); bound must be above 0. No modulo bias.
  std::uint64_t below(std::uint64_t bound);
  /// Uniform in [0, 1).
  double unit();
  template <class T>
  T bytes() {
    T out;
    fill({out.bytes.data(), out.bytes.size()});
    return out;
  }
};

/// A replayable generator for simulations and tests: xoshiro256** seeded by splitmix64.
///
/// Not for secrets in the field. Source: Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2021.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed);
  void fill(MutableByteView out) override;

 private:
  std::uint64_t step();
  std::uint64_t state_[4];
};

}  // namespace chaski::base
