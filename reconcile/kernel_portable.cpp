// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel_portable.hpp"

namespace chaski::reconcile {

namespace {

/// Twice an element: a shift, and the modulus when it runs over.
Element twice(Element a) {
  return ((a << 1) & kFieldMask) ^ ((a >> (kFieldBits - 1)) * kModulusLow);
}

Element multiply_one(Element a, Element b) {
  Element product = 0;
  for (unsigned bit = 0; bit < kFieldBits; ++bit) {
    product ^= a & (0 - ((b >> bit) & 1));
    a = twice(a);
  }
  return product;
}

void multiply_each(std::span<const Element> a, const Element* b, Element* out) {
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = multiply_one(a[i], b[i]);
}

void add_scaled_rows(const Element* scales, Rows rows, std::span<Element> out) {
  for (std::size_t r = 0; r < rows.count; ++r) {
    const Element* row = rows.first + r * rows.stride;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] ^= multiply_one(scales[r], row[k]);
  }
}

}  // namespace

const Kernel kPortableKernel = {Arithmetic::portable, multiply_one, multiply_each, add_scaled_rows};

}  // namespace chaski::reconcile
