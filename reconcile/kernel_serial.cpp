// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel_serial.hpp"

namespace chaski::reconcile {

namespace {

/// Called from everywhere: once in the image.
[[gnu::noinline]] Element multiply_serial(Element a, Element b) {
  Element product = 0;
  for (; b != 0; b >>= 1, a = times_x(a)) {
    if ((b & 1) != 0) product ^= a;
  }
  return product;
}

void multiply_each_serial(std::span<const Element> a, const Element* b, Element* out) {
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = multiply_serial(a[i], b[i]);
}

void add_scaled_rows_serial(const Element* scales, Rows rows, std::span<Element> out) {
  for (std::size_t r = 0; r < rows.count; ++r) {
    const Element* row = rows.first + static_cast<std::ptrdiff_t>(r) * rows.stride;
    for (std::size_t k = 0; k < out.size(); ++k) out[k] ^= multiply_serial(scales[r], row[k]);
  }
}

}  // namespace

constinit const Kernel kSerialKernel = {Arithmetic::portable, multiply_serial, multiply_each_serial,
                                        add_scaled_rows_serial};

}  // namespace chaski::reconcile
