// SPDX-License-Identifier: Apache-2.0
#include "reconcile/quadratic.hpp"

#include <array>

namespace chaski::reconcile {

namespace {

constexpr bool has(Element a, std::size_t bit) {
  return (a >> bit & 1) != 0;
}

/// z -> z^2 + z is linear over GF(2). [i] is 0, or the z whose image has a 1 at bit i and at no
/// other bit for which there is a z: Gauss and Jordan's elimination of the images of x^0 … x^47.
constexpr std::array<Element, kFieldBits> make_solutions() {
  std::array<Element, kFieldBits> solution{};
  std::array<Element, kFieldBits> image{};
  Element power = 1;  // x^(2 i)
  for (std::size_t i = 0; i < kFieldBits; ++i) {
    Element z = Element{1} << i;
    Element y = power ^ z;
    for (std::size_t bit = 0; bit < kFieldBits; ++bit) {
      if (!has(y, bit) || solution[bit] == 0) continue;
      y ^= image[bit];
      z ^= solution[bit];
    }
    for (std::size_t bit = 0; bit < kFieldBits; ++bit) {
      if (!has(y, bit)) continue;
      for (std::size_t other = 0; other < kFieldBits; ++other) {
        if (solution[other] == 0 || !has(image[other], bit)) continue;
        image[other] ^= y;
        solution[other] ^= z;
      }
      image[bit] = y;
      solution[bit] = z;
      break;
    }
    for (int twice = 0; twice < 2; ++twice) power = times_x(power);
  }
  return solution;
}

constexpr std::array<Element, kFieldBits> kSolutions = make_solutions();

}  // namespace

Element solve_quadratic(Element c) {
  Element z = 0;
  for (std::size_t bit = 0; bit < kFieldBits; ++bit) {
    z ^= kSolutions[bit] & (0 - (c >> bit & 1));
  }
  return z;
}

}  // namespace chaski::reconcile
