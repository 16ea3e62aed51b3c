// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: what squaring does to x modulo a polynomial.
#pragma once

#include <span>
#include <vector>

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

/// x, x^2, x^4 … x^(2^47) modulo a monic polynomial (its leading 1 left out): 48 rows of its
/// degree. Costs 24 times its degree squared in products that are only added up.
class Frobenius {
 public:
  Frobenius(const Kernel& kernel, std::span<const Element> modulus);

  /// Whether x^(2^48) is x again: just then the modulus is a product of different x + a.
  bool splits() const { return splits_; }
  /// The polynomial that has the trace of multiplier * r, 0 or 1, as its value at each root r.
  void trace(Element multiplier, std::span<Element> out) const;

 private:
  void make_high_squares(std::span<const Element> modulus);
  void square(std::vector<Element>& power);

  const Kernel& kernel_;
  std::size_t degree_;
  std::vector<Element> rows_;
  std::vector<Element> high_squares_;  ///< x^(2 i), those that are not below the degree
  std::vector<Element> squares_;
  bool splits_ = false;
};

}  // namespace chaski::reconcile
