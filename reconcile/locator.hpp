// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: from power sums to the polynomial whose roots are the ids.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

/// Finds the only polynomial that can have the ids as its roots, each once, from their odd power
/// sums, one at a time: Berlekamp and Massey's algorithm (Massey, "Shift-register synthesis and BCH
/// decoding", 1969).
class Locator {
 public:
  /// For at most `capacity` ids; takes 40 bytes of the heap for each, beside the sums.
  Locator(const Kernel& kernel, std::size_t capacity);

  /// The next sum. About as many products as length().
  void add(Element odd_sum);
  /// How many were added.
  std::size_t sums() const { return sums_.size() / 2; }
  /// How many ids have these sums, if any have; more than the capacity when that is exceeded. When
  /// it is less than sums(), noise is so once in 2^48.
  std::size_t length() const { return current_.length; }
  /// Monic, its leading 1 left out, so that its size is its degree, length(), which must be within
  /// the capacity; [i] belongs to x^i, and [0] is not 0. Whether it has that many different roots
  /// is not known yet. Nothing when it has the root 0, which no id is.
  std::optional<std::vector<Element>> polynomial() const;

 private:
  /// A connection polynomial, up to a factor, and the register's length; [0] belongs to x^0.
  struct Register {
    std::vector<Element> taps;
    std::size_t length = 0;
  };

  Element discrepancy(std::size_t n) const;
  void add_scaled(Element scale, const Register& source, std::size_t shift);

  const Kernel* kernel_;
  std::size_t capacity_;
  std::vector<Element> sums_;  // S1, S2, S3 … up to twice the odd ones
  Register current_;
  Register before_;  // the last change of length
  Register next_;
  std::size_t shift_ = 1;  // of `before_`, to line up with the sum that is looked at
  Element discrepancy_before_ = 1;
};

/// That of so many sums when it is of degree at most `most`, which is at most odd_sums.size().
std::optional<std::vector<Element>> find_locator(const Kernel& kernel,
                                                 std::span<const Element> odd_sums,
                                                 std::size_t most);

}  // namespace chaski::reconcile
