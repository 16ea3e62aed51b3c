// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel.hpp"

#include <array>

#include "reconcile/kernel_clmul.hpp"
#include "reconcile/kernel_pmull.hpp"
#include "reconcile/kernel_portable.hpp"

namespace chaski::reconcile {

std::span<const Kernel* const> all_kernels() {
#if defined(__x86_64__)
  static constexpr std::array<const Kernel*, 3> kAll = {&kPortableKernel, &kClmulKernel,
                                                        &kWideClmulKernel};
  return std::span(kAll).first(have_wide_clmul() ? 3 : have_clmul() ? 2 : 1);
#elif defined(__aarch64__) && defined(__linux__)
  static constexpr std::array<const Kernel*, 2> kAll = {&kPortableKernel, &kPmullKernel};
  return std::span(kAll).first(have_pmull() ? 2 : 1);
#else
  static constexpr std::array<const Kernel*, 1> kAll = {&kPortableKernel};
  return kAll;
#endif
}

/// a^(2^48 - 2), by Fermat, in few products: a^(2^k - 1) with k doubled, or doubled and one more
/// (Itoh and Tsujii, 1988).
Element invert_with(const Kernel& kernel, Element a) {
  Element power = a;
  unsigned k = 1;
  for (const unsigned next : {2u, 5u, 11u, 23u, 47u}) {
    const Element before = power;
    for (unsigned i = 0; i < k; ++i) power = kernel.multiply(power, power);
    power = kernel.multiply(power, before);
    if (next != 2 * k) power = kernel.multiply(kernel.multiply(power, power), a);
    k = next;
  }
  return kernel.multiply(power, power);
}

const Kernel& kernel() {
  return *all_kernels().back();
}

}  // namespace chaski::reconcile
