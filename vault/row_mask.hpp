// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "vault/guarded_key.hpp"

namespace chaski::vault {

/// What must not be seen of a carried envelope: who brought it, and whether it was written here.
struct Origin {
  std::uint64_t depositor = 0;
  bool own = false;
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// An origin as it lies on the disk: 16 bytes that look random.
using MaskedOrigin = std::array<std::uint8_t, 16>;

/// Hides an origin under a keyed hash (SipHash-x-2-4, 128 bits) of the envelope's id and row: two
/// rows never share a mask.
MaskedOrigin mask(const Origin& origin, const MaskKey& key, base::ByteView id, std::uint64_t row);
/// The origin, or nothing when it was masked under another key.
std::optional<Origin> unmask(const MaskedOrigin& masked, const MaskKey& key, base::ByteView id,
                             std::uint64_t row);

}  // namespace chaski::vault
