// SPDX-License-Identifier: Apache-2.0
#include "reconcile/shared_rows.hpp"

#include <algorithm>

namespace chaski::reconcile {

namespace {

/// What part i is multiplied by from one row to the next.
Element node(std::size_t part) { return part + 1; }

/// The product of x + node over all parts: its coefficients from x^0 on, with the leading 1.
std::vector<Element> product_of(const Kernel& kernel, std::span<const std::size_t> parts) {
  std::vector<Element> product{1};
  for (const std::size_t part : parts) {
    product.insert(product.begin(), 0);
    for (std::size_t i = 0; i + 1 < product.size(); ++i) {
      product[i] ^= kernel.multiply(product[i + 1], node(part));
    }
  }
  return product;
}

/// The polynomial that is 1 at `at` and 0 at the other roots of `product` (Lagrange).
std::vector<Element> basis(const Kernel& kernel, std::span<const Element> product, Element at) {
  std::vector<Element> quotient(product.size() - 1);
  Element carried = 0;
  Element value = 0;  // of the quotient at `at`, by Horner's rule on the way
  for (std::size_t i = quotient.size(); i-- > 0;) {
    carried = product[i + 1] ^ kernel.multiply(carried, at);
    quotient[i] = carried;
    value = kernel.multiply(value, at) ^ carried;
  }
  const Element scale = invert_with(kernel, value);
  for (Element& coefficient : quotient) coefficient = kernel.multiply(coefficient, scale);
  return quotient;
}

}  // namespace

std::size_t Shares::known(std::size_t unsolved) const {
  if (unsolved == 0) return base + longest();
  return base + (unsolved <= lengths.size() ? lengths[unsolved - 1] : 0);
}

bool Shares::valid() const {
  return parts >= 2 && parts <= kGroupMax && lengths.size() <= parts &&
         base >= kCapacityMin && base + longest() <= kCapacityMax &&
         std::is_sorted(lengths.rbegin(), lengths.rend());
}

bool Shares::valid_after(const Shares& before, std::size_t unsolved) const {
  if (!valid() || lengths.size() < before.lengths.size()) return false;
  for (std::size_t r = 0; r < before.lengths.size(); ++r) {
    if (lengths[r] < before.lengths[r]) return false;
  }
  return known(unsolved) >= std::min(before.known(unsolved) + kMoreMin, kCapacityMax);
}

SharedRows::SharedRows(const Shares& shares)
    : lengths_(shares.lengths),
      stride_(shares.longest()),
      sums_(shares.lengths.size() * shares.longest()) {}

void SharedRows::add(std::size_t part, std::span<const Element> syndromes) {
  const Kernel& with = kernel();
  Element scale = 1;
  for (std::size_t r = 0; r < lengths_.size(); ++r) {
    with.add_scaled_rows(&scale, {syndromes.data(), 1, 0}, row(r));
    scale = with.multiply(scale, node(part));
  }
}

std::vector<Element> SharedRows::solve(std::span<const std::size_t> parts, std::size_t first,
                                       std::size_t last) const {
  const Kernel& with = kernel();
  const std::vector<Element> product = product_of(with, parts);
  std::vector<Element> solved(parts.size() * (last - first));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::vector<Element> scales = basis(with, product, node(parts[i]));
    with.add_scaled_rows(
        scales.data(), {sums_.data() + first, parts.size(), static_cast<std::ptrdiff_t>(stride_)},
        std::span(solved).subspan(i * (last - first), last - first));
  }
  return solved;
}

}  // namespace chaski::reconcile
