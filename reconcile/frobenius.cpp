// SPDX-License-Identifier: Apache-2.0
#include "reconcile/frobenius.hpp"

#include <algorithm>
#include <array>

namespace chaski::reconcile {

Frobenius::Frobenius(const Kernel& kernel, std::span<const Element> modulus)
    : kernel_(kernel), degree_(modulus.size()), rows_(kFieldBits * degree_), squares_(degree_) {
  make_high_squares(modulus);
  std::vector<Element> power(degree_);
  if (degree_ == 1) {
    power[0] = modulus[0];  // x modulo x + a
  } else {
    power[1] = 1;
  }
  for (std::size_t i = 0; i < kFieldBits; ++i) {
    std::copy(power.begin(), power.end(), rows_.data() + i * degree_);
    square(power);
  }
  splits_ = std::equal(power.begin(), power.end(), rows_.begin());
}

void Frobenius::trace(Element multiplier, std::span<Element> out) const {
  std::array<Element, kFieldBits> scales;
  for (Element& scale : scales) {
    scale = multiplier;
    multiplier = kernel_.multiply(multiplier, multiplier);
  }
  std::fill(out.begin(), out.end(), 0);
  kernel_.add_scaled_rows(scales.data(),
                          {rows_.data(), kFieldBits, static_cast<std::ptrdiff_t>(degree_)}, out);
}

void Frobenius::make_high_squares(std::span<const Element> modulus) {
  const std::size_t first = (degree_ + 1) / 2;
  high_squares_.resize((degree_ - first) * degree_);
  std::vector<Element> power(modulus.begin(), modulus.end());  // x^degree
  for (std::size_t exponent = degree_; exponent < 2 * degree_ - 1; ++exponent) {
    if (exponent % 2 == 0) {
      std::copy(power.begin(), power.end(),
                high_squares_.data() + (exponent / 2 - first) * degree_);
    }
    const Element over = power.back();
    std::shift_right(power.begin(), power.end(), 1);
    power[0] = 0;
    kernel_.add_scaled_rows(&over, {modulus.data(), 1, 0}, power);
  }
}

/// Squaring is linear: a square is the sum of the squares of its terms.
void Frobenius::square(std::vector<Element>& power) {
  const std::size_t low = (degree_ + 1) / 2;
  kernel_.multiply_each(power, power.data(), squares_.data());
  for (std::size_t i = 0; i < degree_; ++i) power[i] = i % 2 == 0 ? squares_[i / 2] : 0;
  kernel_.add_scaled_rows(
      squares_.data() + low,
      {high_squares_.data(), degree_ - low, static_cast<std::ptrdiff_t>(degree_)}, power);
}

}  // namespace chaski::reconcile
