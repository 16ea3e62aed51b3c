// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace chaski::embedded {

/// Bytes on the heap of this program, as asked for with new; single-threaded.
std::size_t heap_bytes();

}  // namespace chaski::embedded
