// SPDX-License-Identifier: Apache-2.0
// Inside reconcile: sketching and decoding with a given arithmetic, for tests and benchmarks.
#pragma once

#include "reconcile/kernel.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::reconcile {

void add_power_sums_with(const Kernel& kernel, std::span<const ShortId> ids, std::size_t first,
                         std::span<Element> sums);
std::optional<std::vector<ShortId>> decode_with(const Kernel& kernel,
                                                std::span<const Element> syndromes,
                                                std::size_t most = kCapacityMax);

/// The ids that a locator has found, ascending, when they are as many as its degree.
std::optional<std::vector<ShortId>> roots_of(const Kernel& kernel,
                                             std::optional<std::vector<Element>> polynomial);

}  // namespace chaski::reconcile
