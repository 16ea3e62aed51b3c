// SPDX-License-Identifier: Apache-2.0
#include "reconcile/field.hpp"

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

Element multiply(Element a, Element b) {
  return kernel().multiply(a, b);
}

Element square(Element a) {
  return multiply(a, a);
}

Element invert(Element a) {
  return invert_with(kernel(), a);
}

Arithmetic arithmetic_in_use() {
  return kernel().arithmetic;
}

const char* to_string(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::portable:
      return "portable";
    case Arithmetic::clmul:
      return "carry-less multiply";
    case Arithmetic::wide_clmul:
      return "carry-less multiply, 512 bits";
    case Arithmetic::pmull:
      return "polynomial multiply";
  }
  return "?";
}

}  // namespace chaski::reconcile
