// SPDX-License-Identifier: Apache-2.0
#include "embedded/packed_record.hpp"

#include <algorithm>

#include "embedded/flash_format.hpp"
#include "wire/limits.hpp"

namespace chaski::embedded {
namespace {

/// No age is near this: 34 years of milliseconds.
constexpr std::uint64_t kAgeEnd_ms = std::uint64_t{1} << 40;
constexpr std::uint8_t kLocal = 0x80;

}  // namespace

PackedRecord pack_record(const mesh_router::EnvelopeRecord& r) {
  PackedRecord out{};
  std::uint8_t* const to = out.data();
  std::copy(r.id.bytes.begin(), r.id.bytes.end(), to);
  std::copy(r.tag.bytes.begin(), r.tag.bytes.end(), to + 16);
  std::copy(r.commitment.bytes.begin(), r.commitment.bytes.end(), to + 24);
  put_number(to + 40, r.age_at_arrival_ms);
  put_number(to + 48, static_cast<std::uint64_t>(base::to_us(r.arrived)));
  put_number(to + 56, r.depositor);
  put_number(to + 64, r.lifetime_s);
  put_number(to + 68, r.size);
  put_number(to + 72, r.copies);
  out[74] = r.hops_left;
  const auto kind = static_cast<unsigned>(r.kind), priority = static_cast<unsigned>(r.priority);
  out[75] = static_cast<std::uint8_t>(kind | priority << 4 | (r.local ? kLocal : 0u));
  return out;
}

std::optional<mesh_router::EnvelopeRecord> unpack_record(const PackedRecord& bytes) {
  const std::uint8_t* const from = bytes.data();
  mesh_router::EnvelopeRecord r;
  std::copy(from, from + 16, r.id.bytes.begin());
  std::copy(from + 16, from + 24, r.tag.bytes.begin());
  std::copy(from + 24, from + 40, r.commitment.bytes.begin());
  r.age_at_arrival_ms = get_number<std::uint64_t>(from + 40);
  const auto arrived_us = static_cast<std::int64_t>(get_number<std::uint64_t>(from + 48));
  r.depositor = get_number<std::uint64_t>(from + 56);
  r.lifetime_s = get_number<std::uint32_t>(from + 64);
  r.size = get_number<std::uint32_t>(from + 68);
  r.copies = get_number<std::uint16_t>(from + 72);
  r.hops_left = bytes[74];
  r.kind = static_cast<wire::EnvelopeKind>(bytes[75] & 0x0f);
  r.priority = static_cast<wire::Priority>(bytes[75] >> 4 & 0x07);
  r.local = (bytes[75] & kLocal) != 0;
  const bool known_kind =
      r.kind == wire::EnvelopeKind::sealed || r.kind == wire::EnvelopeKind::receipt;
  if (!known_kind || r.priority > wire::Priority::urgent) return std::nullopt;
  if (r.age_at_arrival_ms >= kAgeEnd_ms || r.lifetime_s > wire::kLifetimeMax_s) return std::nullopt;
  if (arrived_us >= kFlashTimeEnd_us || arrived_us <= -kFlashTimeEnd_us) return std::nullopt;
  if (r.size > wire::kEnvelopeSizeMax || r.hops_left > wire::kHopsMax) return std::nullopt;
  r.arrived = base::from_us(arrived_us);
  return r;
}

}  // namespace chaski::embedded
