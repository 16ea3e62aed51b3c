// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

#if defined(__aarch64__) && defined(__linux__)

/// PMULL of the ARMv8 cryptographic extension.
extern const Kernel kPmullKernel;
bool have_pmull();

#endif

}  // namespace chaski::reconcile
