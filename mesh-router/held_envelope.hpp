// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "mesh-router/envelope_store.hpp"
#include "mesh-router/types.hpp"

namespace chaski::mesh_router {

/// Where an envelope's metadata lies in the envelope table.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xFFFF'FFFF;

/// A slot as it was at one time: dead once the envelope in it was erased.
struct SlotRef {
  Slot slot = kNoSlot;
  std::uint32_t generation = 0;
};

/// The queue that an envelope waits in, in the order in which they are served. Small ones have
/// lanes of their own, so that they never wait behind a file.
enum class Lane : std::uint8_t {
  receipts,
  urgent_small,
  urgent_large,
  normal_small,
  normal_large,
  bulk_small,
  bulk_large,
  kCount
};
inline constexpr std::size_t kLanes = static_cast<std::size_t>(Lane::kCount);
/// Largest envelope that is called small: about sixteen Bluetooth LE packets.
inline constexpr std::uint32_t kSmallEnvelopeMax = 4'096;

/// What the router keeps in memory of one envelope: 104 bytes.
struct HeldEnvelope {
  wire::EnvelopeId id;
  /// Of a sealed one: its receipt commitment. Of a receipt: the envelope that it speaks of.
  std::array<std::uint8_t, 16> commitment_or_target{};
  StoreKey key = 0;
  base::Time born{};              ///< arrival less the age it came with
  base::Time expires{};
  std::uint64_t known_by = 0;     ///< a bit for each neighbour that has it or was sent it
  std::uint32_t size = 0;
  std::uint32_t tag_hash = 0;
  std::uint32_t generation = 0;
  std::uint32_t depositor = 0;    ///< place in the quota ledger
  Slot lane_next = kNoSlot;
  Slot lane_previous = kNoSlot;
  Slot tag_next = kNoSlot;
  Slot tag_previous = kNoSlot;
  std::uint32_t heap_position = 0;
  std::uint16_t copies = 0;
  std::uint8_t hops_left = 0;
  bool live : 1 = false;
  bool local : 1 = false;
  bool committed : 1 = false;
  bool is_receipt : 1 = false;
  bool in_lane : 1 = false;
  std::uint8_t priority : 2 = 0;

  Lane lane() const {
    if (is_receipt) return Lane::receipts;
    const int urgency = 2 - (priority > 2 ? 2 : priority);
    const int size_class = size > kSmallEnvelopeMax ? 1 : 0;
    return static_cast<Lane>(1 + 2 * urgency + size_class);
  }
  std::uint64_t age_ms(base::Time now) const {
    if (now <= born) return 0;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now - born).count());
  }
};
static_assert(sizeof(void*) != 8 || sizeof(HeldEnvelope) == 104);

}  // namespace chaski::mesh_router
