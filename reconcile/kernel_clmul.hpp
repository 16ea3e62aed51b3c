// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

#if defined(__x86_64__)

/// PCLMULQDQ, in registers of 128 bits.
extern const Kernel kClmulKernel;
bool have_clmul();
/// One product gains nothing from wider registers.
Element multiply_with_clmul(Element a, Element b);

/// VPCLMULQDQ in registers of 512 bits: eight products at a time.
extern const Kernel kWideClmulKernel;
bool have_wide_clmul();

#endif

}  // namespace chaski::reconcile
