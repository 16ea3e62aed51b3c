// SPDX-License-Identifier: Apache-2.0
#include "reconcile/kernel.hpp"

#include <array>

#include "reconcile/kernel_portable.hpp"

namespace chaski::reconcile {

std::span<const Kernel* const> all_kernels() {
  static constexpr std::array<const Kernel*, 1> kAll = {&kPortableKernel};
  return kAll;
}

const Kernel& kernel() {
  return *all_kernels().back();
}

}  // namespace chaski::reconcile
