// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: quadratic equations over GF(2^48).
#pragma once

#include "reconcile/field.hpp"

namespace chaski::reconcile {

/// z with z^2 + z = c, for a c that has one; z + 1 is the other. For other c some element.
Element solve_quadratic(Element c);

}  // namespace chaski::reconcile
