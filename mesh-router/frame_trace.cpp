// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/frame_trace.hpp"

#include "mesh-router/holdings.hpp"
#include "mesh-router/neighbour_session.hpp"

namespace chaski::mesh_router {

void FrameTrace::tell_sent(NeighbourSession& session, Slot slot, SentEvent::Part part, bool backlog,
                           const wire::CarryState& state) {
  const HeldEnvelope& held = holdings_.table.at(slot);
  SentEvent event{held.id, session.id, session.link};
  event.sequence = part == SentEvent::Part::begun ? 0 : session.sent.sent();
  event.lane = held.lane();
  event.part = part;
  event.backlog = backlog;
  event.hops_left = state.hops_left;
  event.copies = state.copies;
  trace_.push(event);
  session.stops.at[static_cast<std::size_t>(event.lane)] = {};
}

void FrameTrace::tell_finished(const NeighbourSession& session, const SentLedger::Entry& entry) {
  if (!holdings_.table.alive(entry.envelope)) return;
  const HeldEnvelope& held = holdings_.table.at(entry.envelope.slot);
  SentEvent event{held.id, session.id, session.link};
  event.sequence = session.sent.sent();
  event.lane = held.lane();
  event.part = SentEvent::Part::last;
  trace_.push(event);
}

void FrameTrace::tell_withheld(const NeighbourSession& session, Slot slot, Withheld why) {
  const HeldEnvelope& held = holdings_.table.at(slot);
  trace_.push(WithheldEvent{held.id, session.id, session.link, held.lane(), why});
}

void FrameTrace::tell_stopped(NeighbourSession& session, Slot slot, Withheld why) {
  const SlotRef ref = holdings_.table.ref(slot);
  LaneStops::Stop& stop =
      session.stops.at[static_cast<std::size_t>(holdings_.table.at(slot).lane())];
  if (stop.envelope == ref && stop.why == why) return;
  stop = {ref, why};
  tell_withheld(session, slot, why);
}

}  // namespace chaski::mesh_router
