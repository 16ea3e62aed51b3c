// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: the roots of a polynomial over GF(2^48).
#pragma once

#include <vector>

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

/// Turns a monic polynomial (its leading 1 left out, [0] first) into its roots, in any order, and
/// says whether it could: whether its degree many different elements are roots of it. When it could
/// not, `polynomial` is left as some other thing.
///
/// Berlekamp's trace algorithm ("Factoring polynomials over large finite fields", 1970) with
/// x^0, x^1 … x^47 times `multiplier` (any element but 0): the traces of a root times each of these
/// determine the root, so that any two are parted at one of them, and nothing is left to chance.
/// Who knows the multiplier can choose roots that are parted late, and double the work.
bool find_roots(const Kernel& kernel, Element multiplier, std::vector<Element>& polynomial);

}  // namespace chaski::reconcile
