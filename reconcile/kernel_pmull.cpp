// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel_pmull.hpp"

#if defined(__aarch64__) && defined(__linux__)

#include <arm_neon.h>
#include <sys/auxv.h>

#define CHASKI_PMULL __attribute__((target("+crypto")))

namespace chaski::reconcile {

namespace {

/// A product of two elements, not reduced.
CHASKI_PMULL inline uint64x2_t product(Element a, Element b) {
  return vreinterpretq_u64_p128(vmull_p64(a, b));
}

CHASKI_PMULL inline uint64x2_t product_high(uint64x2_t a, uint64x2_t b) {
  return vreinterpretq_u64_p128(vmull_high_p64(vreinterpretq_p64_u64(a), vreinterpretq_p64_u64(b)));
}

/// Two sums of products, modulo the field's polynomial f.
///
/// With H what stands at x^48 and above, the quotient by f is H plus what runs over once more when
/// H is multiplied by f's low part, x^5 + x^3 + x^2 + 1.
CHASKI_PMULL inline uint64x2_t reduce(uint64x2_t a, uint64x2_t b) {
  const uint64x2_t low = vzip1q_u64(a, b);
  const uint64x2_t high = vzip2q_u64(a, b);
  const uint64x2_t h = veorq_u64(vshrq_n_u64(low, 48), vshlq_n_u64(high, 16));
  const uint64x2_t over =
      veorq_u64(veorq_u64(vshrq_n_u64(h, 43), vshrq_n_u64(h, 45)), vshrq_n_u64(h, 46));
  const uint64x2_t q = veorq_u64(h, over);
  const uint64x2_t multiple =
      veorq_u64(veorq_u64(q, vshlq_n_u64(q, 2)), veorq_u64(vshlq_n_u64(q, 3), vshlq_n_u64(q, 5)));
  return vandq_u64(veorq_u64(low, multiple), vdupq_n_u64(kFieldMask));
}

CHASKI_PMULL Element multiply_one(Element a, Element b) {
  const uint64x2_t sum = product(a, b);
  return vgetq_lane_u64(reduce(sum, sum), 0);
}

CHASKI_PMULL void multiply_each(std::span<const Element> a, const Element* b, Element* out) {
  std::size_t i = 0;
  for (; i + 2 <= a.size(); i += 2) {
    const uint64x2_t x = vld1q_u64(&a[i]);
    const uint64x2_t y = vld1q_u64(b + i);
    vst1q_u64(out + i, reduce(product(a[i], b[i]), product_high(x, y)));
  }
  if (i < a.size()) out[i] = multiply_one(a[i], b[i]);
}

/// As many pairs of columns as have room in registers, all the rows down.
template <std::size_t kPairs>
CHASKI_PMULL inline void add_columns(const Element* scales, Rows rows, std::size_t column,
                                     Element* out) {
  uint64x2_t even[kPairs] = {};
  uint64x2_t odd[kPairs] = {};
  const Element* row = rows.first + column;
  for (std::size_t r = 0; r < rows.count; ++r, row += rows.stride) {
    const uint64x2_t scale = vld1q_dup_u64(scales + r);
    for (std::size_t p = 0; p < kPairs; ++p) {
      even[p] = veorq_u64(even[p], product(row[2 * p], scales[r]));
      odd[p] = veorq_u64(odd[p], product_high(vld1q_u64(row + 2 * p), scale));
    }
  }
  for (std::size_t p = 0; p < kPairs; ++p) {
    Element* at = out + column + 2 * p;
    vst1q_u64(at, veorq_u64(vld1q_u64(at), reduce(even[p], odd[p])));
  }
}

CHASKI_PMULL void add_last_column(const Element* scales, Rows rows, std::size_t column,
                                  Element* out) {
  uint64x2_t sum = vdupq_n_u64(0);
  const Element* at = rows.first + column;
  for (std::size_t r = 0; r < rows.count; ++r, at += rows.stride) {
    sum = veorq_u64(sum, product(*at, scales[r]));
  }
  out[column] ^= vgetq_lane_u64(reduce(sum, sum), 0);
}

CHASKI_PMULL void add_scaled_rows(const Element* scales, Rows rows, std::span<Element> out) {
  constexpr std::size_t kPairs = 4;
  std::size_t column = 0;
  for (; column + 2 * kPairs <= out.size(); column += 2 * kPairs) {
    add_columns<kPairs>(scales, rows, column, out.data());
  }
  for (; column + 2 <= out.size(); column += 2) add_columns<1>(scales, rows, column, out.data());
  if (column < out.size()) add_last_column(scales, rows, column, out.data());
}

}  // namespace

constinit const Kernel kPmullKernel = {Arithmetic::pmull, multiply_one, multiply_each,
                                       add_scaled_rows};

bool have_pmull() {
  return (::getauxval(AT_HWCAP) & HWCAP_PMULL) != 0;
}

}  // namespace chaski::reconcile

#endif
