// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.hpp"
#include "mesh-router/envelope_table.hpp"
#include "mesh-router/id_hash.hpp"
#include "mesh-router/neighbour_table.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router {

/// Finds out what differs between this node and one neighbour: whole id lists, in chunks.
///
/// Rules: (1) each side lists everything that was committed at link-up, the last chunk marked; also
/// what the other listed already, or it would send that. (2) a list only marks what the neighbour
/// is said to know; ids that are not held here cost one look-up and nothing else. (3) what was held
/// at link-up is sent once the other list was heard to its end, or kSilentAfter after the last
/// chunk of it, or kGiveUpAfter at most. (4) work per call is bounded by kScanMax.
class Reconciler {
 public:
  static constexpr base::Duration kSilentAfter = std::chrono::seconds(1);
  static constexpr base::Duration kGiveUpAfter = std::chrono::seconds(30);
  static constexpr std::size_t kScanMax = 8'192;

  Reconciler(Slot slot_end, base::Time now)
      : scan_end_(slot_end), started_(now), heard_at_(now) {}

  /// Whether a list record wants to go.
  bool wants_to_send() const { return !told_all_; }
  /// Writes at most one list record of at most `payload_max` bytes.
  void write(wire::RecordWriter& frame, std::size_t payload_max, const EnvelopeTable& table);
  /// Takes one list record. False when it is malformed.
  bool receive(base::ByteView payload, const IdHasher& hasher, const EnvelopeTable& table,
               NeighbourTable& neighbours, unsigned bit, base::Time now);

  bool heard_all() const { return heard_all_; }
  /// When what was held at link-up may go even if the list was not heard to its end.
  base::Time open_at() const;

 private:
  Slot scan_ = 0;
  Slot scan_end_;
  bool told_all_ = false;
  bool heard_all_ = false;
  base::Time started_;
  base::Time heard_at_;
};

}  // namespace chaski::mesh_router
