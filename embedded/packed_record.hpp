// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "mesh-router/types.hpp"

namespace chaski::embedded {

/// Bytes of an EnvelopeRecord as the stores of a small board keep it.
inline constexpr std::size_t kPackedRecordSize = 76;
using PackedRecord = std::array<std::uint8_t, kPackedRecordSize>;

PackedRecord pack_record(const mesh_router::EnvelopeRecord& record);
/// Nothing when a field is outside of what a router writes: then it is not ours, or it decayed.
std::optional<mesh_router::EnvelopeRecord> unpack_record(const PackedRecord& bytes);

}  // namespace chaski::embedded
