// SPDX-License-Identifier: Apache-2.0
#include "reconcile/splitter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "reconcile/quadratic.hpp"

namespace chaski::reconcile {

Splitter::Splitter(const Kernel& kernel, std::vector<Element>& factors)
    : kernel_(kernel), factors_(factors) {
  const std::size_t room = factors.size() + 1;
  space_.resize(6 * room);
  a_ = space_.data() + room;
  b_ = a_ + 2 * room;
  c_ = b_ + 2 * room;
  add_degree(factors_, degrees_);
}

void Splitter::part_by(std::span<const Element> trace) {
  std::vector<std::size_t> parted;
  parted.reserve(factors_.size());
  Element* at = factors_.data();
  for (const std::size_t degree : degrees_) {
    part({at, degree}, trace, parted);
    at += degree;
  }
  degrees_.swap(parted);
}

/// Leaves the product of x + r for those r where the trace is 0 in front, the rest behind.
void Splitter::part(std::span<Element> factor, std::span<const Element> trace,
                    std::vector<std::size_t>& parted) {
  if (factor.size() == 1) return parted.push_back(1);
  std::copy(trace.begin(), trace.end(), b_);
  const std::size_t b_size = remainder(b_, trace.size(), factor);
  if (b_size <= 1) return parted.push_back(factor.size());  // 0 at all its roots, or 1 at all
  std::copy(factor.begin(), factor.end(), a_);
  a_[factor.size()] = 1;
  const std::size_t degree = common_divisor(factor.size() + 1, b_size) - 1;
  const Element scale = invert_with(kernel_, a_[degree]);
  std::fill_n(b_, degree, 0);
  kernel_.add_scaled_rows(&scale, {a_, 1, 0}, {b_, degree});
  // Divided by what is in front, the quotient stands where it belongs: behind.
  std::copy(factor.begin(), factor.end(), a_);
  a_[factor.size()] = 1;
  remainder(a_, factor.size() + 1, {b_, degree});
  std::copy_n(b_, degree, factor.begin());
  std::copy_n(a_ + degree, factor.size() - degree, factor.data() + degree);
  add_degree(factor.first(degree), parted);
  add_degree(factor.subspan(degree), parted);
}

/// Files a new factor, a quadratic one as the two that it is.
void Splitter::add_degree(std::span<Element> factor, std::vector<std::size_t>& parted) {
  if (factor.size() != 2) return parted.push_back(factor.size());
  solve(factor);
  parted.insert(parted.end(), 2, 1);
}

/// x^2 + b x + c with x = b z is z^2 + z = c / b^2. b is the sum of two different roots.
void Splitter::solve(std::span<Element> factor) {
  const Element b = factor[1];
  const Element inverse = invert_with(kernel_, b);
  const Element c = kernel_.multiply(factor[0], kernel_.multiply(inverse, inverse));
  factor[0] = kernel_.multiply(b, solve_quadratic(c));
  factor[1] = factor[0] ^ b;
}

/// Divides `size` coefficients by a monic polynomial: the remainder is left below, the quotient
/// above. Returns how many coefficients the remainder has up to the last that is not 0.
std::size_t Splitter::remainder(Element* dividend, std::size_t size,
                                std::span<const Element> divisor) {
  for (; size > divisor.size(); --size) {
    const Element scale = dividend[size - 1];
    Element* at = dividend + size - 1 - divisor.size();
    kernel_.add_scaled_rows(&scale, {divisor.data(), 1, 0}, {at, divisor.size()});
  }
  while (size > 0 && dividend[size - 1] == 0) --size;
  return size;
}

/// Euclid's algorithm for a_ and b_, of so many coefficients, the last of each not 0. Leaves the
/// divisor in a_ up to a factor, and returns how many coefficients it has.
///
/// Nothing is divided: (leading b) a + (leading a) x^k b has lost the leading term.
std::size_t Splitter::common_divisor(std::size_t a_size, std::size_t b_size) {
  while (b_size > 0) {
    while (a_size >= b_size) {
      const std::array<Element, 2> scales = {b_[b_size - 1], a_[a_size - 1]};
      const Element* shifted = b_ - (a_size - b_size);
      std::fill_n(c_, --a_size, 0);
      kernel_.add_scaled_rows(scales.data(), {a_, 2, shifted - a_}, {c_, a_size});
      std::swap(a_, c_);
      while (a_size > 0 && a_[a_size - 1] == 0) --a_size;
    }
    std::swap(a_, b_);
    std::swap(a_size, b_size);
  }
  return a_size;
}

}  // namespace chaski::reconcile
