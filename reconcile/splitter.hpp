// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: a product of linear factors, taken apart.
#pragma once

#include <span>
#include <vector>

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

/// Parts a product of different x + r into ever smaller factors, in place.
///
/// The factors are monic and stand behind one another, each without its leading 1 and so in as many
/// elements as its degree. Of x + r that leaves r: when all are linear, what stands there are the
/// roots. Factors of degree two are solved at once.
class Splitter {
 public:
  Splitter(const Kernel& kernel, std::vector<Element>& factors);

  bool done() const { return degrees_.size() == factors_.size(); }
  /// Parts every factor by the values, 0 or 1, that a polynomial takes at its roots. `trace` is the
  /// polynomial modulo the product of all factors.
  void part_by(std::span<const Element> trace);

 private:
  void part(std::span<Element> factor, std::span<const Element> trace,
            std::vector<std::size_t>& parted);
  void add_degree(std::span<Element> factor, std::vector<std::size_t>& parted);
  void solve(std::span<Element> factor);
  std::size_t remainder(Element* dividend, std::size_t size, std::span<const Element> divisor);
  std::size_t common_divisor(std::size_t a_size, std::size_t b_size);

  const Kernel& kernel_;
  std::vector<Element>& factors_;
  std::vector<std::size_t> degrees_;
  std::vector<Element> space_;  ///< of the three, each with as many zeros before it
  Element* a_;
  Element* b_;
  Element* c_;
};

}  // namespace chaski::reconcile
