// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "mesh-router/contact_schedule.hpp"
#include "mesh-router/custody_ledger.hpp"
#include "mesh-router/deficit_round_robin.hpp"
#include "mesh-router/forwarding_policy.hpp"
#include "mesh-router/frame_trace.hpp"
#include "mesh-router/hash_set.hpp"
#include "mesh-router/offers_heard.hpp"
#include "mesh-router/reconciler.hpp"
#include "mesh-router/relay_lanes.hpp"
#include "mesh-router/ring.hpp"
#include "mesh-router/router.hpp"
#include "mesh-router/transfer_set.hpp"
#include "mesh-router/transfer_times.hpp"
#include "wire/reassembler.hpp"

namespace chaski::mesh_router {

/// Whether a neighbour takes envelopes.
enum class Custody : std::uint8_t {
  open,
  refusing,  ///< it said no: nothing but receipts goes until retry_at or until it says ready
  probing,   ///< one envelope at a time, until one was taken
};

/// All that there is of one link; made at link-up, gone at link-down.
struct NeighbourSession {
  base::LinkId link;
  NeighbourId id;
  unsigned bit = 0;
  std::uint64_t depositor = 0;
  base::Time since{};
  std::size_t frame_size_max = 0;

  // To the neighbour.
  LaneCursors cursors;
  std::array<DeficitRoundRobin, kLanes> turns;
  SentLedger sent;
  TransferSet transfers;
  Reconciler reconciler;
  ContactSchedule backlog;      ///< of what was held at link-up, and what was refused
  Custody custody = Custody::open;
  bool receipts_refused = false;
  std::vector<SlotRef> turned_away;  ///< receipts above its bound: again when it says ready
  base::Time retry_at{};
  bool reconcile_first = true;  ///< turns between the reconciler and envelopes
  bool piece_turn = false;      ///< turns between pieces of a transfer and whole records
  bool large_turn = false;      ///< turns between the two lanes of one priority
  bool work_pending = false;    ///< work stopped at its bound: go on at the next wake()
  bool listed_ready = false;
  LaneStops stops;              ///< what the trace was told last
  // What is told rather than sent.
  Ring<wire::EnvelopeId> announcing;  ///< to be written
  Ring<SlotRef> announced;            ///< the last ones, not known to have arrived
  HashSet wanted;                     ///< of these, what it asked for: not announced once more
  base::Time pace_ends{};             ///< until then at most pace_left more are announced
  std::size_t pace_left = 1;
  std::size_t wants_unknown = 0;      ///< of what it was not known to have: perhaps queued twice
  std::vector<SlotRef> shown;         ///< to be offered once more
  std::optional<base::Time> offers_again_at;

  // From the neighbour.
  Ring<wire::EnvelopeId> asking;  ///< of what it announced
  ReceivedLedger received;
  wire::Reassembler reassembler;
  TransferTimes transfer_times;
  OffersHeard offers;
  bool owes_ready = false;      ///< it was refused, and is told when there is room again
  bool says_ready = false;
  std::uint32_t refused_size = 0;
  bool receipts_turned_away = false;  ///< by the bound on unverified ones

  NeighbourSession(base::LinkId link_in, const NeighbourId& id_in,
                   const LinkParameters& parameters, const wire::ReassemblyLimits& reassembly,
                   Slot slot_end, base::Time now)
      : link(link_in),
        id(id_in),
        since(now),
        frame_size_max(parameters.frame_size_max),
        reconciler(parameters.role, parameters.salt, slot_end, now),
        reassembler(reassembly) {}
  Contact contact() const { return {bit, id, since}; }
  DeficitRoundRobin& turns_in(Lane lane) { return turns[static_cast<std::size_t>(lane)]; }
  std::size_t in_flight() const { return sent.count() + transfers.count(); }
  std::uint64_t in_flight_bytes() const { return sent.bytes() + transfers.bytes(); }
};

}  // namespace chaski::mesh_router
