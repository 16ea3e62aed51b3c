// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: from power sums to the polynomial whose roots are the ids.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "reconcile/kernel.hpp"

namespace chaski::reconcile {

/// The only polynomial of degree at most `odd_sums`.size() that can have the ids as its roots, each
/// once, or nothing when there is none: Berlekamp and Massey's algorithm (Massey, "Shift-register
/// synthesis and BCH decoding", 1969).
///
/// Monic, its leading 1 left out, so that its size is its degree; [i] belongs to x^i, and [0] is
/// not 0. Whether it has that many different roots is not known yet.
std::optional<std::vector<Element>> find_locator(const Kernel& kernel,
                                                 std::span<const Element> odd_sums);

}  // namespace chaski::reconcile
