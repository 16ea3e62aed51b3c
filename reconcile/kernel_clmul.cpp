// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel_clmul.hpp"

#if defined(__x86_64__)

#include <immintrin.h>

#define CHASKI_CLMUL __attribute__((target("pclmul")))

namespace chaski::reconcile {

namespace {

/// Two sums of products, modulo the field's polynomial f.
///
/// With H what stands at x^48 and above, the quotient by f is H plus what runs over once more when
/// H is multiplied by f's low part, x^5 + x^3 + x^2 + 1.
CHASKI_CLMUL inline __m128i reduce(__m128i a, __m128i b) {
  const __m128i low = _mm_unpacklo_epi64(a, b);
  const __m128i high = _mm_unpackhi_epi64(a, b);
  const __m128i h = _mm_or_si128(_mm_srli_epi64(low, 48), _mm_slli_epi64(high, 16));
  const __m128i over = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(h, 43), _mm_srli_epi64(h, 45)),
                                     _mm_srli_epi64(h, 46));
  const __m128i q = _mm_xor_si128(h, over);
  const __m128i product = _mm_xor_si128(_mm_xor_si128(q, _mm_slli_epi64(q, 2)),
                                        _mm_xor_si128(_mm_slli_epi64(q, 3), _mm_slli_epi64(q, 5)));
  return _mm_and_si128(_mm_xor_si128(low, product), _mm_set1_epi64x(kFieldMask));
}

CHASKI_CLMUL inline __m128i load(const Element* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

CHASKI_CLMUL inline __m128i load_one(const Element* at) {
  return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at));
}

CHASKI_CLMUL inline void store(Element* at, __m128i two) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(at), two);
}

}  // namespace

CHASKI_CLMUL Element multiply_with_clmul(Element a, Element b) {
  const __m128i product = _mm_clmulepi64_si128(load_one(&a), load_one(&b), 0x00);
  return static_cast<Element>(_mm_cvtsi128_si64(reduce(product, product)));
}

namespace {

CHASKI_CLMUL void multiply_each(std::span<const Element> a, const Element* b, Element* out) {
  std::size_t i = 0;
  for (; i + 2 <= a.size(); i += 2) {
    const __m128i x = load(&a[i]);
    const __m128i y = load(b + i);
    store(out + i, reduce(_mm_clmulepi64_si128(x, y, 0x00), _mm_clmulepi64_si128(x, y, 0x11)));
  }
  if (i < a.size()) out[i] = multiply_with_clmul(a[i], b[i]);
}

/// As many pairs of columns as have room in registers, all the rows down.
template <std::size_t kPairs>
CHASKI_CLMUL inline void add_columns(const Element* scales, Rows rows, std::size_t column,
                                     Element* out) {
  __m128i even[kPairs] = {};
  __m128i odd[kPairs] = {};
  const Element* row = rows.first + column;
  for (std::size_t r = 0; r < rows.count; ++r, row += rows.stride) {
    const __m128i scale = load_one(scales + r);
    for (std::size_t p = 0; p < kPairs; ++p) {
      const __m128i two = load(row + 2 * p);
      even[p] = _mm_xor_si128(even[p], _mm_clmulepi64_si128(two, scale, 0x00));
      odd[p] = _mm_xor_si128(odd[p], _mm_clmulepi64_si128(two, scale, 0x01));
    }
  }
  for (std::size_t p = 0; p < kPairs; ++p) {
    Element* at = out + column + 2 * p;
    store(at, _mm_xor_si128(load(at), reduce(even[p], odd[p])));
  }
}

CHASKI_CLMUL void add_last_column(const Element* scales, Rows rows, std::size_t column,
                                  Element* out) {
  __m128i sum = _mm_setzero_si128();
  const Element* at = rows.first + column;
  for (std::size_t r = 0; r < rows.count; ++r, at += rows.stride) {
    sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(load_one(at), load_one(scales + r), 0x00));
  }
  out[column] ^= static_cast<Element>(_mm_cvtsi128_si64(reduce(sum, sum)));
}

CHASKI_CLMUL void add_scaled_rows(const Element* scales, Rows rows, std::span<Element> out) {
  constexpr std::size_t kPairs = 4;
  std::size_t column = 0;
  for (; column + 2 * kPairs <= out.size(); column += 2 * kPairs) {
    add_columns<kPairs>(scales, rows, column, out.data());
  }
  for (; column + 2 <= out.size(); column += 2) add_columns<1>(scales, rows, column, out.data());
  if (column < out.size()) add_last_column(scales, rows, column, out.data());
}

}  // namespace

constinit const Kernel kClmulKernel = {Arithmetic::clmul, multiply_with_clmul, multiply_each,
                                       add_scaled_rows};

bool have_clmul() {
  return __builtin_cpu_supports("pclmul") != 0;
}

}  // namespace chaski::reconcile

#endif
