// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace chaski::sim {

/// A node of a world, from 0 on.
using NodeIndex = std::uint32_t;

}  // namespace chaski::sim
