// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "wire/limits.hpp"

namespace chaski::wire {

/// The body size that a sealed body of `size` bytes is padded to, or nothing above kBodySizeMax.
///
/// Nine classes, body(k) = 160 + 216 (k - 1) for k in {1, 2, 4, 8, 16, 32, 64, 128, 305}: the first
/// fills one packet of 244 bytes with every header, the others about k (up to 6 % more, for the
/// headers of their fragments).
std::optional<std::size_t> padded_body_size(std::size_t size);

/// Whether `size` is one of the classes.
bool is_padding_class(std::size_t size);

}  // namespace chaski::wire
