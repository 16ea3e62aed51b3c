// SPDX-License-Identifier: Apache-2.0
#include "field.hpp"

#include <cstring>

namespace chaski::e2ee::test {
namespace {

__extension__ using Wide = unsigned __int128;

/// A number modulo 2^255 - 19, below 2^256, in four words.
struct Number {
  std::uint64_t word[4];
};

/// What is above 2^256 comes back 38 times.
Number fold(const std::uint64_t (&wide)[8]) {
  Number out;
  Wide carry = 0;
  for (int i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(wide[4 + i]) * 38 + wide[i];
    out.word[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  while (carry != 0) {
    carry *= 38;
    for (std::uint64_t& word : out.word) {
      carry += word;
      word = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
  }
  return out;
}

Number times(const Number& a, const Number& b) {
  std::uint64_t wide[8] = {};
  for (int i = 0; i < 4; ++i) {
    Wide carry = 0;
    for (int j = 0; j < 4; ++j) {
      carry += static_cast<Wide>(a.word[i]) * b.word[j] + wide[i + j];
      wide[i + j] = static_cast<std::uint64_t>(carry);
      carry >>= 64;
    }
    wide[i + 4] = static_cast<std::uint64_t>(carry);
  }
  return fold(wide);
}

Number plus(const Number& a, const Number& b) {
  std::uint64_t wide[8] = {};
  Wide carry = 0;
  for (int i = 0; i < 4; ++i) {
    carry += static_cast<Wide>(a.word[i]) + b.word[i];
    wide[i] = static_cast<std::uint64_t>(carry);
    carry >>= 64;
  }
  wide[4] = static_cast<std::uint64_t>(carry);
  return fold(wide);
}

/// Whether it is 1 modulo 2^255 - 19: it may stand as 1, p + 1 or 2p + 1.
bool is_one(const Number& n) {
  constexpr std::uint64_t kAll = ~std::uint64_t{0};
  return (n.word[0] == 1 && n.word[1] == 0 && n.word[2] == 0 && n.word[3] == 0) ||
         (n.word[0] == kAll - 17 && n.word[1] == kAll && n.word[2] == kAll &&
          n.word[3] == kAll >> 1) ||
         (n.word[0] == kAll - 36 && n.word[1] == kAll && n.word[2] == kAll && n.word[3] == kAll);
}

}  // namespace

bool is_on_curve25519(base::ByteView u) {
  Number x;
  std::memcpy(x.word, u.data(), sizeof x.word);
  x.word[3] &= ~std::uint64_t{0} >> 1;
  const Number square = times(x, x);
  const Number rest = plus(times(Number{{486'662, 0, 0, 0}}, square), x);
  const Number value = plus(times(square, x), rest);
  // Euler: to the power (p - 1) / 2 = 2^254 - 10, whose bits are 1 but for those of 1 and 8.
  Number power = value;
  for (int bit = 252; bit >= 0; --bit) {
    power = times(power, power);
    const bool set = bit >= 4 || bit == 2 || bit == 1;  // ...110110
    if (set) power = times(power, value);
  }
  return is_one(power);
}

}  // namespace chaski::e2ee::test
