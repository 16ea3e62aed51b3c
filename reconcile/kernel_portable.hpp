// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

extern const Kernel kPortableKernel;

}  // namespace chaski::reconcile
