// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "mesh-router/explanation.hpp"
#include "mesh-router/holdings.hpp"
#include "mesh-router/neighbour_session.hpp"

namespace chaski::mesh_router {

/// Decides whether an envelope may go to a neighbour now, and says why not.
///
/// The one place where this is decided: the frame filler asks before it sends, and explain() asks
/// when a person wants to know. Asking changes nothing. Order is not its concern.
class ForwardingGate {
 public:
  ForwardingGate(const RouterLimits& limits, Holdings& holdings)
      : limits_(limits), holdings_(holdings) {}

  /// An answer for one envelope: what stands in its way for as long as the link lasts, or nothing
  /// and how it is offered.
  struct Passage {
    std::optional<Withheld> withheld;
    Decision decision{Offer::withhold};
  };
  Passage judge(const NeighbourSession& session, Slot slot, base::Time now) const;
  /// What keeps an envelope off a stick, if anything does: a stick is a link that has stood for
  /// long, so no policy is asked.
  std::optional<Withheld> why_not_on_a_stick(Slot slot, base::Time now) const;
  /// Why nothing of a lane goes for the moment.
  std::optional<Withheld> lane_closed(const NeighbourSession& session, Lane lane) const;
  /// Why there is no room for one more of this lane for the moment. `payload_size` is of its
  /// record, `frame_size` of a whole frame.
  std::optional<Withheld> no_room(const NeighbourSession& session, const HeldEnvelope& held,
                                  std::size_t payload_size, std::size_t frame_size) const;

 private:
  std::optional<Withheld> why_it_stays(const HeldEnvelope& held, base::Time now) const;
  bool window_allows(const NeighbourSession& session, std::uint32_t size) const;

  const RouterLimits& limits_;
  Holdings& holdings_;
};

}  // namespace chaski::mesh_router
