// SPDX-License-Identifier: Apache-2.0
#include "reconcile/field.hpp"

namespace chaski::reconcile {

namespace {

/// Twice an element: a shift, and the modulus when it runs over.
Element twice(Element a) {
  constexpr Element kModulusLow = 0x2D;  // x^5 + x^3 + x^2 + 1
  return ((a << 1) & kFieldMask) ^ ((a >> (kFieldBits - 1)) * kModulusLow);
}

}  // namespace

Element multiply(Element a, Element b) {
  Element product = 0;
  for (unsigned bit = 0; bit < kFieldBits; ++bit) {
    product ^= a & (0 - ((b >> bit) & 1));
    a = twice(a);
  }
  return product;
}

Element square(Element a) { return multiply(a, a); }

/// a^(2^48 - 2), by Fermat.
Element invert(Element a) {
  Element result = 1;
  for (unsigned bit = 1; bit < kFieldBits; ++bit) {
    a = square(a);
    result = multiply(result, a);
  }
  return result;
}

Arithmetic arithmetic_in_use() { return Arithmetic::portable; }

const char* to_string(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::portable: return "portable";
    case Arithmetic::clmul: return "carry-less multiply";
    case Arithmetic::pmull: return "polynomial multiply";
  }
  return "?";
}

}  // namespace chaski::reconcile
