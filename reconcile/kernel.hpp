// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: the few operations on many field elements that everything else is made of.
#pragma once

#include <cstddef>
#include <span>

#include "reconcile/field.hpp"

namespace chaski::reconcile {

/// Rows of elements in one piece of memory: row r begins at first + r * stride.
struct Rows {
  const Element* first = nullptr;
  std::size_t count = 0;
  std::ptrdiff_t stride = 0;
};

/// One way to do the arithmetic of the field, for many elements at a time.
///
/// All ways give the same results bit by bit; they differ in what the processor must have.
struct Kernel {
  Arithmetic arithmetic;
  Element (*multiply)(Element a, Element b);
  /// out[i] = a[i] * b[i]. `out` may be `a` or `b`.
  void (*multiply_each)(std::span<const Element> a, const Element* b, Element* out);
  /// out[k] ^= the sum over r of scales[r] * row r [k]: a row vector times a matrix.
  ///
  /// Products are added before they are reduced, and reduced once for each k: this is where
  /// sketching and decoding spend their time.
  void (*add_scaled_rows)(const Element* scales, Rows rows, std::span<Element> out);
};

/// The fastest that this processor can do.
const Kernel& kernel();
/// The inverse of an element that is not 0.
Element invert_with(const Kernel& kernel, Element a);
/// All that this processor can do, the slowest first: for tests and benchmarks.
std::span<const Kernel* const> all_kernels();

}  // namespace chaski::reconcile
