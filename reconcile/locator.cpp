// SPDX-License-Identifier: Apache-2.0
#include "reconcile/locator.hpp"

#include <algorithm>

namespace chaski::reconcile {

Locator::Locator(const Kernel& kernel, std::size_t capacity)
    : kernel_(&kernel), capacity_(capacity), current_{std::vector<Element>(capacity + 1)} {
  current_.taps[0] = 1;
  before_ = current_;
  next_ = current_;
}

/// Over a field of characteristic two S(2k) is S(k)^2, and the sums in even places never disagree:
/// they are squares of what was matched before.
void Locator::add(Element odd_sum) {
  const std::size_t n = sums_.size();
  sums_.push_back(odd_sum);
  sums_.push_back(kernel_->multiply(sums_[n / 2], sums_[n / 2]));
  if (length() > capacity_) return;
  const Element different = discrepancy(n);
  if (different != 0) {
    // Not divided by the discrepancy of before: the other is multiplied by it.
    std::fill(next_.taps.begin(), next_.taps.end(), 0);
    next_.length = std::max(current_.length, n + 1 - current_.length);
    if (next_.length <= capacity_) {
      add_scaled(discrepancy_before_, current_, 0);
      add_scaled(different, before_, shift_);
    }
    if (next_.length != current_.length) {
      std::swap(before_, current_);
      discrepancy_before_ = different;
      shift_ = 0;
    }
    std::swap(current_, next_);
  }
  shift_ += 2;
}

/// By how much the register's next output differs from sums_[n], up to the factor.
Element Locator::discrepancy(std::size_t n) const {
  Element difference = 0;
  for (std::size_t i = 0; i <= current_.length; ++i) {
    difference ^= kernel_->multiply(current_.taps[i], sums_[n - i]);
  }
  return difference;
}

void Locator::add_scaled(Element scale, const Register& source, std::size_t shift) {
  kernel_->add_scaled_rows(&scale, {source.taps.data(), 1, 0},
                           std::span(next_.taps).subspan(shift, source.length + 1));
}

/// Made monic and turned round: its roots are then not the inverses of the ids but the ids.
std::optional<std::vector<Element>> Locator::polynomial() const {
  // A polynomial too short for its register has the root 0.
  if (current_.taps[length()] == 0) return std::nullopt;
  const Element scale = invert_with(*kernel_, current_.taps[0]);
  std::vector<Element> polynomial(length());
  kernel_->add_scaled_rows(&scale, {current_.taps.data() + 1, 1, 0}, polynomial);
  std::reverse(polynomial.begin(), polynomial.end());
  return polynomial;
}

std::optional<std::vector<Element>> find_locator(const Kernel& kernel,
                                                 std::span<const Element> odd_sums,
                                                 std::size_t most) {
  Locator locator(kernel, odd_sums.size());
  for (const Element sum : odd_sums) {
    locator.add(sum);
    if (locator.length() > most) return std::nullopt;
  }
  return locator.polynomial();
}

}  // namespace chaski::reconcile
