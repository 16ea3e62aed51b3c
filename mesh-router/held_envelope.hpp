// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/small.hpp"
#include "base/time.hpp"
#include "mesh-router/envelope_store.hpp"
#include "mesh-router/packed48.hpp"
#include "mesh-router/types.hpp"
#include "wire/limits.hpp"

namespace chaski::mesh_router {

/// Where an envelope's metadata lies in the envelope table.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xFFFF'FFFF;

/// A slot and what was in it: dead once another envelope is there.
///
/// The mark is the beginning of the id; the same envelope in the same slot again is alive. That
/// another one with that beginning comes into the slot has one chance in 2^32; who brings it about
/// is thought to have an envelope that it lacks, as if it had taken it and said nothing.
struct SlotRef {
  Slot slot = kNoSlot;
  std::uint32_t id_mark = 0;
  bool operator==(const SlotRef&) const = default;
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

/// Neighbours at once, each with a bit of HeldEnvelope::known_by.
inline constexpr unsigned kNeighboursMax = base::kSmall ? 4 : 64;

/// Depositors take turns in each lane; so many are told apart there, the others share.
inline constexpr std::size_t kTurns = base::kSmall ? 4 : 16;

/// Where a receipt stands.
enum class ReceiptTrust : std::uint8_t {
  verified,    ///< its token is the right one, or it was made here
  unverified,  ///< its envelope is not held
  loaded,      ///< found in the store at start: not trusted, and not counted either
};

/// What the router keeps in memory of one envelope: 64 bytes, a cache line. What is asked for
/// seldom (tag, commitment, the target of a receipt) is read from the store.
struct HeldEnvelope {
  static constexpr std::uint32_t kSizeMax = (1u << 17) - 1;
  static constexpr std::uint16_t kCopiesMax = (1u << 12) - 1;
  static constexpr std::uint32_t kLivesMax_s = (1u << 21) - 1;
  /// Ages are made younger in steps of this, so that nothing is lost by rounding again and again.
  static constexpr std::int64_t kAgeStep_ms = 32'000;

  wire::EnvelopeId id;
  std::uint64_t known_by = 0;     ///< a bit for each neighbour that has it or was sent it
  Packed48 born_ms;               ///< arrival less the age it came with
  std::uint16_t copies : 12 = 0;  ///< 0: as many as wanted
  std::uint16_t shown : 4 = 0;    ///< to how many, in vain
  Packed48 store_key;
  std::uint16_t account = 0;      ///< of its depositor in the quota ledger
  Slot lane_next = kNoSlot;
  Slot lane_previous = kNoSlot;
  /// Of a sealed one: 32 bits of the keyed hash of its tag. Of a receipt: of the envelope that it
  /// speaks of.
  std::uint32_t mark = 0;
  /// Of a sealed one: 16 bits of the keyed hash of its commitment. Of a receipt: the first bytes of
  /// its envelope's id.
  std::uint16_t check = 0;
  /// How much older than our acquaintance with it: from born_ms to when it first came, in steps.
  std::uint16_t age_steps = 0;
  std::uint32_t size : 17 = 0;
  bool live : 1 = false;
  bool local : 1 = false;
  bool committed : 1 = false;
  bool is_receipt : 1 = false;
  bool in_lane : 1 = false;
  std::uint8_t priority : 2 = 0;
  std::uint8_t hops_left = 0;
  std::uint32_t lives_s : 21 = 0;  ///< from born_ms to where it expires
  bool marked : 1 = false;         ///< found by its mark
  ReceiptTrust trust : 2 = ReceiptTrust::verified;
  /// Who newly took it from here: 0 nobody, below kTwoKeepers a mark of one, else two or more.
  std::uint8_t keepers = 0;
  static constexpr std::uint8_t kTwoKeepers = 0xFF;

  /// What does not fit becomes kCopiesMax: no honest author gives out so many.
  void set_copies(unsigned count) {
    copies = (count < kCopiesMax ? count : kCopiesMax) & kCopiesMax;
  }
  /// A neighbour took custody; `depositor` is who it is as a depositor.
  void add_keeper(std::uint64_t depositor) {
    const auto keeper = static_cast<std::uint8_t>(1 + depositor % (kTwoKeepers - 1));
    if (keepers == 0) keepers = keeper;
    if (keepers != keeper) keepers = kTwoKeepers;
  }
  StoreKey key() const { return static_cast<StoreKey>(store_key.value()); }
  base::Time born() const { return base::Time{std::chrono::milliseconds(born_ms.value())}; }
  /// When it first came here, at most a step too early: no true age is below the time since.
  base::Time came_first() const {
    return born() + std::chrono::milliseconds(age_steps * kAgeStep_ms);
  }
  base::Time expires() const { return born() + std::chrono::seconds(lives_s); }
  Lane lane() const {
    if (is_receipt) return Lane::receipts;
    const int urgency = 2 - (priority > 2 ? 2 : priority);
    const int size_class = size > kSmallEnvelopeMax ? 1 : 0;
    return static_cast<Lane>(1 + 2 * urgency + size_class);
  }
  /// With whom it shares a turn: accounts are given out from the smallest number on, so that up to
  /// kTurns depositors have each a turn of their own.
  std::size_t turn() const { return account % kTurns; }
  std::uint64_t age_ms(base::Time now) const {
    if (now <= born()) return 0;
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now - born()).count());
  }
};
static_assert(sizeof(HeldEnvelope) == 64);
static_assert(wire::kEnvelopeSizeMax <= HeldEnvelope::kSizeMax);
static_assert(wire::kLifetimeMax_s <= HeldEnvelope::kLivesMax_s);
static_assert(wire::kLifetimeMax_s * std::int64_t{1'000} <= 0xFFFF * HeldEnvelope::kAgeStep_ms);

}  // namespace chaski::mesh_router
