// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace chaski::e2ee::test {

/// Whether 32 bytes, the top bit left out, are the u-coordinate of a point on Curve25519 and not of
/// its twist: u^3 + 486662 u^2 + u is a square (RFC 7748, section 4.1). Random bytes are so half of
/// the time, keys always.
bool is_on_curve25519(base::ByteView u);

}  // namespace chaski::e2ee::test
