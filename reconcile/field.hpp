// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace chaski::reconcile {

/// An element of GF(2^48) with modulus x^48 + x^5 + x^3 + x^2 + 1: the low 48 bits, bit i is the
/// coefficient of x^i. Addition is exclusive or.
///
/// The field and its representation are those of libminisketch's 48-bit sketches.
using Element = std::uint64_t;

inline constexpr unsigned kFieldBits = 48;
inline constexpr Element kFieldMask = (Element{1} << kFieldBits) - 1;
/// The modulus without its leading term: what x^48 is.
inline constexpr Element kModulusLow = 0b101101;

/// x times an element.
constexpr Element times_x(Element a) {
  return ((a << 1) & kFieldMask) ^ ((a >> (kFieldBits - 1)) * kModulusLow);
}
Element multiply(Element a, Element b);
Element square(Element a);
/// The inverse of an element that is not 0.
Element invert(Element a);

/// How products are made here: chosen once, by what the processor can.
enum class Arithmetic : std::uint8_t { portable, clmul, wide_clmul, pmull };
Arithmetic arithmetic_in_use();
const char* to_string(Arithmetic arithmetic);

}  // namespace chaski::reconcile
