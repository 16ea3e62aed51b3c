// SPDX-License-Identifier: Apache-2.0
#include "reconcile/locator.hpp"

#include <algorithm>

namespace chaski::reconcile {

namespace {

/// S1, S2, S3 … up to twice the odd ones: over a field of characteristic two S(2k) is S(k)^2.
std::vector<Element> all_sums(std::span<const Element> odd_sums) {
  std::vector<Element> sums(2 * odd_sums.size());
  for (std::size_t i = 0; i < odd_sums.size(); ++i) {
    sums[2 * i] = odd_sums[i];
    sums[2 * i + 1] = square(sums[i]);
  }
  return sums;
}

}  // namespace

std::optional<std::vector<Element>> find_locator(const Kernel& kernel,
                                                 std::span<const Element> odd_sums) {
  const std::size_t capacity = odd_sums.size();
  const std::vector<Element> sums = all_sums(odd_sums);
  // The connection polynomials, now and before the last change of length; [0] belongs to x^0.
  std::vector<Element> current(capacity + 1);
  std::vector<Element> before(capacity + 1);
  std::vector<Element> copy;
  current[0] = before[0] = 1;
  std::size_t length = 0;
  std::size_t length_before = 0;
  std::size_t shift = 1;  // of `before`, to line up with the sum that is looked at
  Element inverse_before = 1;
  // The sums in even places never disagree: they are squares of what was matched before.
  for (std::size_t n = 0; n < sums.size(); n += 2, shift += 2) {
    Element discrepancy = sums[n];
    for (std::size_t i = 1; i <= length; ++i) {
      discrepancy ^= kernel.multiply(current[i], sums[n - i]);
    }
    if (discrepancy == 0) continue;
    const bool longer = 2 * length <= n;
    if (longer && n + 1 - length > capacity) return std::nullopt;
    if (longer) copy = current;
    const Element scale = kernel.multiply(discrepancy, inverse_before);
    kernel.add_scaled_rows(&scale, {before.data(), 1, 0},
                           std::span(current).subspan(shift, length_before + 1));
    if (!longer) continue;
    length_before = length;
    length = n + 1 - length;
    before.swap(copy);
    inverse_before = invert(discrepancy);
    shift = 0;
  }
  // A shorter polynomial in a long register is a root 0, which no id is.
  if (current[length] == 0) return std::nullopt;
  // Its roots are the inverses of the ids; backwards, they are the ids.
  current.resize(length + 1);
  std::reverse(current.begin(), current.end());
  current.pop_back();
  return current;
}

}  // namespace chaski::reconcile
