// SPDX-License-Identifier: Apache-2.0
#include "reconcile/locator.hpp"

#include <algorithm>

namespace chaski::reconcile {

namespace {

/// S1, S2, S3 … up to twice the odd ones: over a field of characteristic two S(2k) is S(k)^2.
std::vector<Element> all_sums(const Kernel& kernel, std::span<const Element> odd_sums) {
  std::vector<Element> sums(2 * odd_sums.size());
  for (std::size_t i = 0; i < odd_sums.size(); ++i) {
    sums[2 * i] = odd_sums[i];
    sums[2 * i + 1] = kernel.multiply(sums[i], sums[i]);
  }
  return sums;
}

/// A connection polynomial, up to a factor, and the register's length; [0] belongs to x^0.
struct Register {
  std::vector<Element> taps;
  std::size_t length = 0;

  /// By how much the register's next output differs from sums[n], up to the factor.
  Element discrepancy(const Kernel& kernel, std::span<const Element> sums, std::size_t n) const {
    Element difference = 0;
    for (std::size_t i = 0; i <= length; ++i) {
      difference ^= kernel.multiply(taps[i], sums[n - i]);
    }
    return difference;
  }
};

void add_scaled(const Kernel& kernel, Element scale, const Register& source, std::size_t shift,
                Register& target) {
  kernel.add_scaled_rows(&scale, {source.taps.data(), 1, 0},
                         std::span(target.taps).subspan(shift, source.length + 1));
}

/// Made monic and turned round: its roots are then not the inverses of the ids but the ids.
std::vector<Element> reversed(const Kernel& kernel, const Register& found) {
  const Element scale = invert_with(kernel, found.taps[0]);
  std::vector<Element> polynomial(found.length);
  kernel.add_scaled_rows(&scale, {found.taps.data() + 1, 1, 0}, polynomial);
  std::reverse(polynomial.begin(), polynomial.end());
  return polynomial;
}

}  // namespace

std::optional<std::vector<Element>> find_locator(const Kernel& kernel,
                                                 std::span<const Element> odd_sums) {
  const std::size_t capacity = odd_sums.size();
  const std::vector<Element> sums = all_sums(kernel, odd_sums);
  Register current{std::vector<Element>(capacity + 1)};
  current.taps[0] = 1;
  Register before = current;  // the last change of length
  Register next = current;
  std::size_t shift = 1;  // of `before`, to line up with the sum that is looked at
  Element discrepancy_before = 1;
  // The sums in even places never disagree: they are squares of what was matched before.
  for (std::size_t n = 0; n < sums.size(); n += 2, shift += 2) {
    const Element discrepancy = current.discrepancy(kernel, sums, n);
    if (discrepancy == 0) continue;
    // Not divided by the discrepancy of before: the other is multiplied by it.
    std::fill(next.taps.begin(), next.taps.end(), 0);
    next.length = std::max(current.length, n + 1 - current.length);
    if (next.length > capacity) return std::nullopt;
    add_scaled(kernel, discrepancy_before, current, 0, next);
    add_scaled(kernel, discrepancy, before, shift, next);
    if (next.length != current.length) {
      std::swap(before, current);
      discrepancy_before = discrepancy;
      shift = 0;
    }
    std::swap(current, next);
  }
  // A polynomial too short for its register has the root 0, which no id is.
  if (current.taps[current.length] == 0) return std::nullopt;
  return reversed(kernel, current);
}

}  // namespace chaski::reconcile
