// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/types.hpp"

namespace chaski::mesh_router {

/// What the short ids of one link session are salted with: both ends know it, nobody else does.
using ShortIdSalt = base::TaggedBytes<struct ShortIdSaltTag, 16>;
/// What the owner of a link derives the salt with from its handshake.
inline constexpr std::string_view kShortIdSaltLabel = "chaski short ids";

/// The 48-bit name of an envelope in the reconciliation of one link session: the low 48 bits of
/// SipHash-2-4 of the id under the salt, read little-endian; 1 in place of 0.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012. Nobody who does not
/// know the salt can make ids whose short ids collide; those that do by chance differ in the
/// next session.
std::uint64_t short_id(const ShortIdSalt& salt, const wire::EnvelopeId& id);

}  // namespace chaski::mesh_router
