// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "wire/limits.hpp"

namespace chaski::wire {

/// The body size that a sealed body of `size` bytes is padded to, or nothing above kBodySizeMax.
///
/// Classes are chosen so that the whole envelope with every header fills k packets of 244 bytes,
/// k in {1, 2, 4, 8, 16, 32, 64, 128, 305}: body(k) = 160 + 216 (k - 1).
std::optional<std::size_t> padded_body_size(std::size_t size);

/// Whether `size` is one of the classes.
bool is_padding_class(std::size_t size);

}  // namespace chaski::wire
