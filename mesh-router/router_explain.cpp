// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mesh-router/forwarding_gate.hpp"
#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

namespace {

bool in_flight(const NeighbourSession& session, SlotRef envelope) {
  for (std::size_t i = 0; i < session.sent.count(); ++i) {
    if (!session.sent[i].refused && session.sent[i].envelope == envelope) return true;
  }
  for (std::size_t i = 0; i < TransferSet::kMax; ++i) {
    const auto* entry = session.transfers.entry(i);
    if (entry != nullptr && entry->envelope == envelope) return true;
  }
  return false;
}

/// Whether it was announced lately.
bool was_told(const NeighbourSession& session, SlotRef envelope) {
  for (std::size_t i = 0; i < session.announced.size(); ++i) {
    if (session.announced[i] == envelope) return true;
  }
  return false;
}

/// How many go before it in its turn: first what came since link-up, then the backlog. An envelope
/// that is in neither is taken for one at the end of a long queue once kCountMax were looked at.
std::optional<std::uint64_t> place_in_queue(const RelayLanes& lanes,
                                            const NeighbourSession& session,
                                            const HeldEnvelope& held, SlotRef envelope) {
  LaneCursors cursors = session.cursors;
  const auto next = [&] { return lanes.peek(cursors, held.lane(), held.turn()); };
  std::uint64_t ahead = 0;
  for (Slot slot = next(); slot != kNoSlot; slot = next()) {
    if (slot == envelope.slot || ahead == RelayLanes::kCountMax) return ahead;
    lanes.advance(cursors, slot);
    ++ahead;
  }
  const auto behind = session.backlog.place_of(envelope, held);
  if (behind) return ahead + *behind;
  return std::nullopt;
}

}  // namespace

Explanation Router::Impl::explain(const wire::EnvelopeId& id, base::Time at) {
  Explanation answer;
  const std::uint64_t hash = holdings.hasher(id);
  const Slot slot = holdings.table.find(hash, id);
  if (slot == kNoSlot) {
    if (holdings.filter.tombstoned(hash)) {
      answer.presence = Presence::tombstoned;
    } else if (holdings.filter.contains(hash)) {
      answer.presence = Presence::seen;
    }
    return answer;
  }
  const HeldEnvelope& held = holdings.table.at(slot);
  answer.presence = Presence::held;
  answer.local = held.local;
  answer.lane = held.lane();
  answer.age_ms = held.age_ms(at);
  if (held.expires() > at) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(held.expires() - at);
    answer.lifetime_left_ms = static_cast<std::uint64_t>(left.count());
  }
  answer.size = held.size;
  answer.copies = held.copies;
  answer.hops_left = held.hops_left;
  answer.neighbours.reserve(sessions.size());
  for (const auto& session : sessions) {
    answer.neighbours.push_back(explain_to(*session, slot, at));
  }
  return answer;
}

NeighbourExplanation Router::Impl::explain_to(const NeighbourSession& session, Slot slot,
                                              base::Time at) {
  NeighbourExplanation answer{session.id, session.link, session.since};
  const SlotRef envelope = holdings.table.ref(slot);
  const HeldEnvelope& held = holdings.table.at(slot);
  if (in_flight(session, envelope)) {
    answer.why = Withheld::on_its_way;
    return answer;
  }
  if (holdings.neighbours.knows(slot, session.bit) && was_told(session, envelope)) {
    answer.why = Withheld::told;
    return answer;
  }
  const ForwardingGate gate(limits, holdings);
  const auto passage = gate.judge(session, slot, at);
  if (passage.withheld) {
    answer.why = *passage.withheld;
    return answer;
  }
  answer.ahead = place_in_queue(holdings.lanes, session, held, envelope);
  if (!answer.ahead) {
    answer.why = why_in_no_queue(session, envelope, passage.decision.offer);
    return answer;
  }
  const auto state = carry_state(held, passage.decision, at);
  const std::size_t frame_size = std::min(session.frame_size_max, wire::kFrameSizeMax);
  auto stop = gate.lane_closed(session, held.lane());
  if (!stop) stop = gate.no_room(session, held, wire::carried_size(state, held.size), frame_size);
  answer.why = stop.value_or(Withheld::queued);
  if (answer.why == Withheld::refused) answer.until = session.retry_at;
  return answer;
}

Withheld Router::Impl::why_in_no_queue(const NeighbourSession& session, SlotRef envelope,
                                       Offer offer) {
  const auto& turned_away = session.turned_away;
  if (std::find(turned_away.begin(), turned_away.end(), envelope) != turned_away.end()) {
    return Withheld::refused;
  }
  if (!session.reconciler.done()) return Withheld::comparing;
  // What was shown may be free to go to others by now.
  const bool shown = std::find(session.shown.begin(), session.shown.end(), envelope) !=
                     session.shown.end();
  return shown || offer == Offer::show ? Withheld::shown : Withheld::had_it;
}

}  // namespace chaski::mesh_router
