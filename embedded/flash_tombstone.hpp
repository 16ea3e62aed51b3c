// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "base/time.hpp"
#include "wire/types.hpp"

namespace chaski::embedded {

/// A tombstone's payload: the id and, in microseconds of node time, until when.
inline constexpr std::size_t kFlashTombstoneSize = wire::EnvelopeId::kSize + 8;
using FlashTombstoneBytes = std::array<std::uint8_t, kFlashTombstoneSize>;

struct FlashTombstone {
  wire::EnvelopeId id;
  base::Time until;
};

}  // namespace chaski::embedded
