// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "mesh-router/forwarding_gate.hpp"
#include "mesh-router/short_id.hpp"

namespace chaski::mesh_router {

/// What one place that a stick has been to told of itself: what was held there, under short ids of
/// a salt of its own. A claim: it only changes what is written to that stick.
struct PlaceSummary {
  ShortIdSalt salt;
  std::vector<std::uint64_t> ids;  ///< ascending
};

/// What came of the records that a stick brought.
struct StickTake {
  std::uint64_t envelopes = 0;  ///< records that were envelopes, or should have been
  std::uint64_t taken = 0;      ///< held or read here from now on
  std::uint64_t known = 0;      ///< held or read here before, or delivered already
  std::uint64_t shown = 0;      ///< for others, and not to be carried on
  std::uint64_t no_room = 0;    ///< the store is full, or what sticks may have of it
  std::uint64_t refused = 0;    ///< no envelope, grown too old, or false
};

/// Which envelopes go onto a stick, in which order: a list that is made in pieces of work and then
/// read from the front; a value without a reference to the router that fills it.
///
/// Rules: (1) what may travel goes, unless each place that the stick tells of has it; with no
/// place, or more than kPlacesMax, everything goes. (2) receipts, urgent, normal, bulk, as on a
/// link; within one lane by short id, which tells nobody when it came or who wrote it. (3) the
/// summary is of all that is committed here, as on a link. In memory 24 bytes an envelope.
class StickListing {
 public:
  static constexpr std::size_t kPlacesMax = 8;
  static constexpr Slot kScanMax = 1'024;

  StickListing(const ShortIdSalt& salt, std::vector<PlaceSummary> places);

  /// Looks at kScanMax slots, or sorts what was found; true when there is more to do.
  bool work(const EnvelopeTable& table, const ForwardingGate& gate, base::Time now);
  /// Short ids of all that is held, ascending; each once. After work().
  const std::vector<std::uint64_t>& summary() const { return summary_; }
  /// The next to be written; nothing at the end.
  std::optional<SlotRef> front() const;
  enum class Became : std::uint8_t {
    written,
    gone,      ///< delivered or too old since it was listed
    too_long,  ///< for the room that is left
  };
  void pop(Became became);

  /// Envelopes that every place has.
  std::uint64_t known() const { return known_; }
  std::uint64_t written() const { return written_; }
  /// What was too long, and what nobody looked at yet.
  std::uint64_t without_room() const { return too_long_ + left_; }

 private:
  struct Entry {
    std::uint64_t short_id = 0;
    SlotRef ref;
  };
  bool all_places_have(const wire::EnvelopeId& id) const;
  void sort();

  ShortIdSalt salt_;
  std::vector<PlaceSummary> places_;
  std::array<std::vector<Entry>, kLanes> lanes_;
  std::vector<std::uint64_t> summary_;
  Slot scan_ = 0;
  std::size_t lane_ = 0;
  std::size_t at_ = 0;
  std::uint64_t known_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t too_long_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace chaski::mesh_router
