// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "base/hex.hpp"
#include "reconcile/sketch.hpp"

namespace chaski::vectors {

/// A short id as it is sent: six bytes, little-endian.
inline std::string short_id_hex(reconcile::ShortId id) {
  std::array<std::uint8_t, reconcile::kSyndromeSize> bytes{};
  reconcile::write_syndromes(std::span(&id, 1), bytes);
  return base::to_hex(bytes);
}

}  // namespace chaski::vectors
