// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/forwarding_gate.hpp"

#include "mesh-router/announces.hpp"
#include "wire/records.hpp"

namespace chaski::mesh_router {

/// Whoever is at the other end.
std::optional<Withheld> ForwardingGate::why_it_stays(const HeldEnvelope& held,
                                                     base::Time now) const {
  if (held.expires() <= now) return Withheld::expired;
  if (!held.committed) return Withheld::not_durable;
  if (!held.in_lane) return held.hops_left == 0 ? Withheld::no_hops : Withheld::policy;
  return std::nullopt;
}

std::optional<Withheld> ForwardingGate::why_not_on_a_stick(Slot slot, base::Time now) const {
  return why_it_stays(holdings_.table.at(slot), now);
}

ForwardingGate::Passage ForwardingGate::judge(const NeighbourSession& session, Slot slot,
                                              base::Time now) const {
  const HeldEnvelope& held = holdings_.table.at(slot);
  if (holdings_.neighbours.knows(slot, session.bit)) return {Withheld::has_it};
  if (const auto why = why_it_stays(held, now)) return {why};
  Decision decision =
      holdings_.policy->offer(holdings_.table.ref(slot), held, session.contact(), now);
  if (decision.offer == Offer::withhold) return {Withheld::policy};
  if (kAnnounces && decision.offer == Offer::announce &&
      session.wanted.contains(holdings_.hasher(held.id))) {
    decision.offer = Offer::push;
  }
  return {std::nullopt, decision};
}

std::optional<Withheld> ForwardingGate::lane_closed(const NeighbourSession& session,
                                                    Lane lane) const {
  if (lane == Lane::receipts) {
    return session.receipts_refused ? std::optional(Withheld::refused) : std::nullopt;
  }
  if (session.custody == Custody::refusing) return Withheld::refused;
  if (session.custody == Custody::probing && session.in_flight() > 0) return Withheld::probing;
  return std::nullopt;
}

std::optional<Withheld> ForwardingGate::no_room(const NeighbourSession& session,
                                                const HeldEnvelope& held, std::size_t payload_size,
                                                std::size_t frame_size) const {
  if (!window_allows(session, held.size)) return Withheld::window_full;
  const bool must_cut = wire::record_size(payload_size) > frame_size;
  if (must_cut && !session.transfers.can_open(held.lane())) return Withheld::transfer_place;
  return std::nullopt;
}

bool ForwardingGate::window_allows(const NeighbourSession& session, std::uint32_t size) const {
  if (session.in_flight() == 0) return true;
  return session.in_flight() < limits_.window_envelopes &&
         session.in_flight_bytes() + size <= limits_.window_bytes;
}

}  // namespace chaski::mesh_router
