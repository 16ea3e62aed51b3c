// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/link_id.hpp"
#include "base/time.hpp"
#include "wire/envelope.hpp"

namespace chaski::mesh_router {

/// Who is at the other end of a link: opaque to the router (the node passes the link's static key).
using NeighbourId = base::TaggedBytes<struct NeighbourIdTag, 32>;

/// Why something was not kept. Counted, traced, never answered beyond a refusal.
enum class DropReason : std::uint8_t {
  malformed_frame,
  malformed_record,
  unknown_record,      ///< skipped, not an error
  malformed_envelope,
  duplicate,
  expired,
  no_hops_left,
  age_implausible,
  storage_full,
  quota_exceeded,
  too_large,
  forged_receipt,
  already_delivered,   ///< a verified receipt for it is held
  reassembly,
  unexpected_ack,
  displaced,           ///< had to make room; two neighbours took it before
  spoiled,             ///< put together from two neighbours, it was not what was offered
  kCount
};
const char* to_string(DropReason reason);

/// What the router keeps of an envelope beside its bytes.
struct EnvelopeRecord {
  wire::EnvelopeId id;
  wire::EnvelopeKind kind = wire::EnvelopeKind::sealed;
  wire::Priority priority = wire::Priority::normal;
  wire::DeliveryTag tag;
  wire::ReceiptCommitment commitment; ///< of a receipt: the id of the envelope it speaks of
  std::uint32_t lifetime_s = 0;
  std::uint32_t size = 0;             ///< bytes of the immutable envelope
  std::uint64_t age_at_arrival_ms = 0;
  base::Time arrived{};
  std::uint8_t hops_left = 0;
  std::uint16_t copies = 0;
  bool local = false;                 ///< written on this node
  std::uint64_t depositor = 0;        ///< who brought it: a keyed hash, 0 for local
};

/// When an envelope grows too old: its lifetime less the age it came with.
inline base::Time expires_at(const EnvelopeRecord& r) {
  const std::int64_t left_ms = static_cast<std::int64_t>(r.lifetime_s) * 1000 -
                               static_cast<std::int64_t>(r.age_at_arrival_ms);
  return r.arrived + std::chrono::milliseconds(left_ms);
}

}  // namespace chaski::mesh_router
