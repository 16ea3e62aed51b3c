// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel_clmul.hpp"

#if defined(__x86_64__)

// GCC 12 takes the deliberately undefined operand inside these intrinsics for a mistake of ours.
#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#define CHASKI_WIDE_CLMUL __attribute__((target("pclmul,vpclmulqdq,avx512f")))

namespace chaski::reconcile {

namespace {

constexpr int kXor3 = 0x96;  // the truth table of a ^ b ^ c

/// Eight elements, and which of them there are.
constexpr std::size_t kLanes = 8;
CHASKI_WIDE_CLMUL inline __mmask8 lanes(std::size_t count) {
  return static_cast<__mmask8>(count >= kLanes ? 0xFF : (1u << count) - 1);
}

CHASKI_WIDE_CLMUL inline __m512i xor3(__m512i a, __m512i b, __m512i c) {
  return _mm512_ternarylogic_epi64(a, b, c, kXor3);
}

/// As in registers of 128 bits: sums of products of the even and of the odd lanes, reduced.
CHASKI_WIDE_CLMUL inline __m512i reduce(__m512i even, __m512i odd) {
  const __m512i low = _mm512_unpacklo_epi64(even, odd);
  const __m512i high = _mm512_unpackhi_epi64(even, odd);
  const __m512i h = _mm512_or_si512(_mm512_srli_epi64(low, 48), _mm512_slli_epi64(high, 16));
  const __m512i over =
      xor3(_mm512_srli_epi64(h, 43), _mm512_srli_epi64(h, 45), _mm512_srli_epi64(h, 46));
  const __m512i q = _mm512_xor_si512(h, over);
  const __m512i product =
      xor3(_mm512_slli_epi64(q, 2), _mm512_slli_epi64(q, 3), _mm512_slli_epi64(q, 5));
  return _mm512_and_si512(xor3(low, q, product), _mm512_set1_epi64(kFieldMask));
}

CHASKI_WIDE_CLMUL void multiply_each(std::span<const Element> a, const Element* b, Element* out) {
  for (std::size_t i = 0; i < a.size(); i += kLanes) {
    const __mmask8 there = lanes(a.size() - i);
    const __m512i x = _mm512_maskz_loadu_epi64(there, &a[i]);
    const __m512i y = _mm512_maskz_loadu_epi64(there, b + i);
    _mm512_mask_storeu_epi64(
        out + i, there,
        reduce(_mm512_clmulepi64_epi128(x, y, 0x00), _mm512_clmulepi64_epi128(x, y, 0x11)));
  }
}

CHASKI_WIDE_CLMUL void add_scaled_rows(const Element* scales, Rows rows, std::span<Element> out) {
  for (std::size_t column = 0; column < out.size(); column += kLanes) {
    const __mmask8 there = lanes(out.size() - column);
    __m512i even = _mm512_setzero_si512();
    __m512i odd = _mm512_setzero_si512();
    const Element* row = rows.first + column;
    for (std::size_t r = 0; r < rows.count; ++r, row += rows.stride) {
      const __m512i eight = _mm512_maskz_loadu_epi64(there, row);
      const __m512i scale = _mm512_set1_epi64(static_cast<long long>(scales[r]));
      even = _mm512_xor_si512(even, _mm512_clmulepi64_epi128(eight, scale, 0x00));
      odd = _mm512_xor_si512(odd, _mm512_clmulepi64_epi128(eight, scale, 0x01));
    }
    Element* at = out.data() + column;
    const __m512i before = _mm512_maskz_loadu_epi64(there, at);
    _mm512_mask_storeu_epi64(at, there, _mm512_xor_si512(before, reduce(even, odd)));
  }
}

}  // namespace

constinit const Kernel kWideClmulKernel = {Arithmetic::wide_clmul, multiply_with_clmul,
                                           multiply_each, add_scaled_rows};

bool have_wide_clmul() {
  return have_clmul() && __builtin_cpu_supports("vpclmulqdq") != 0 &&
         __builtin_cpu_supports("avx512f") != 0;
}

}  // namespace chaski::reconcile

#endif
