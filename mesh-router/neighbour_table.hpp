// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "mesh-router/envelope_table.hpp"

namespace chaski::mesh_router {

/// Gives each connected neighbour a bit of HeldEnvelope::known_by, and keeps those masks.
///
/// Two links to one neighbour share its bit. The bits of one who left are wiped before they are
/// used again, for all such bits in one sweep over the table, so once in up to kMax link-ups:
/// nothing that an earlier neighbour knew is taken for known by a later one.
class NeighbourTable {
 public:
  static constexpr std::size_t kMax = kNeighboursMax;
  explicit NeighbourTable(EnvelopeTable& table) : table_(table) {}

  /// The bit number of this neighbour, or nothing when all are in use.
  std::optional<unsigned> join(const NeighbourId& id);
  void leave(unsigned bit);

  bool knows(Slot slot, unsigned bit) const { return (table_.at(slot).known_by & mask(bit)) != 0; }
  void mark(Slot slot, unsigned bit);
  void unmark(Slot slot, unsigned bit);

 private:
  static std::uint64_t mask(unsigned bit) { return std::uint64_t{1} << bit; }
  void sweep();

  EnvelopeTable& table_;
  std::array<NeighbourId, kMax> ids_;
  std::array<std::uint16_t, kMax> links_{};
  static constexpr std::uint64_t kAll = ~std::uint64_t{0} >> (64 - kMax);
  std::uint64_t used_ = 0;
  std::uint64_t stale_ = 0;  // given back, not wiped yet
};

}  // namespace chaski::mesh_router
