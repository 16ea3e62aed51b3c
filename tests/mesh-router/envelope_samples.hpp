// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "base/bytes.hpp"
#include "mesh-router/types.hpp"

namespace chaski::mesh_router {

/// Bytes that can be told from those of any other number.
inline base::Bytes body_of(std::uint64_t number, std::size_t size) {
  base::Bytes bytes(size);
  std::uint64_t state = number * 0x9e3779b97f4a7c15u + 1;
  for (std::uint8_t& byte : bytes) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    byte = static_cast<std::uint8_t>(state >> 56);
  }
  return bytes;
}

template <class Tagged>
Tagged tagged(std::uint64_t number) {
  Tagged out;
  const auto bytes = body_of(number, Tagged::kSize);
  std::copy(bytes.begin(), bytes.end(), out.bytes.begin());
  return out;
}

inline EnvelopeRecord record_of(std::uint64_t number, std::size_t size) {
  EnvelopeRecord r;
  r.id = tagged<wire::EnvelopeId>(number);
  r.kind = number % 3 == 0 ? wire::EnvelopeKind::receipt : wire::EnvelopeKind::sealed;
  r.priority = static_cast<wire::Priority>(number % 3);
  r.tag = tagged<wire::DeliveryTag>(number + 1);
  r.commitment = tagged<wire::ReceiptCommitment>(number + 2);
  r.lifetime_s = 1'000 + static_cast<std::uint32_t>(number % 1'000'000);
  r.size = static_cast<std::uint32_t>(size);
  r.age_at_arrival_ms = number * 3;
  r.arrived = base::from_us(static_cast<std::int64_t>(number * 1'000'003));
  r.hops_left = static_cast<std::uint8_t>(number % 64);
  r.copies = static_cast<std::uint16_t>(number % 17);
  r.local = number % 2 == 0;
  r.depositor = 0xffff'ffff'0000'0000u + number;
  return r;
}

inline bool same(const EnvelopeRecord& a, const EnvelopeRecord& b) {
  return a.id == b.id && a.kind == b.kind && a.priority == b.priority && a.tag == b.tag &&
         a.commitment == b.commitment && a.lifetime_s == b.lifetime_s && a.size == b.size &&
         a.age_at_arrival_ms == b.age_at_arrival_ms && a.arrived == b.arrived &&
         a.hops_left == b.hops_left && a.copies == b.copies && a.local == b.local &&
         a.depositor == b.depositor;
}

}  // namespace chaski::mesh_router
