// SPDX-License-Identifier: Apache-2.0
// What is told rather than sent: announcements, what is asked for, and what was only shown.
#include "mesh-router/announces.hpp"
#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

bool Router::Impl::take_announce(NeighbourSession& session, base::ByteView payload) {
  const auto ids = wire::decode_ids(payload);
  if (!ids) {
    drop(DropReason::malformed_record);
    return true;
  }
  for (const wire::EnvelopeId& id : *ids) {
    const std::uint64_t hash = holdings.hasher(id);
    const Slot slot = holdings.table.find(hash, id);
    if (slot != kNoSlot) {
      holdings.neighbours.mark(slot, session.bit);
      holdings.policy->heard(holdings.table.ref(slot), session.bit);
    } else if ((!holdings.filter.contains(hash) || may_come_back(hash)) &&
               !pulls.announced(hash, id, session.bit, now)) {
      ask({id, session.bit});
    }
  }
  return true;
}

/// What is asked for goes, if it may travel and is not waiting to go already.
bool Router::Impl::take_want(NeighbourSession& session, base::ByteView payload) {
  const auto ids = wire::decode_ids(payload);
  if (!ids) {
    drop(DropReason::malformed_record);
    return true;
  }
  for (const wire::EnvelopeId& id : *ids) {
    const Slot slot = holdings.find(id);
    if (slot == kNoSlot || !holdings.table.at(slot).in_lane) continue;
    // It waits to go already, or both had it at link-up and the neighbour lost it since.
    if (!holdings.neighbours.knows(slot, session.bit) &&
        (!session.reconciler.agreed() || session.wants_unknown++ >= kWantsUnknownMax)) {
      continue;
    }
    if (kAnnounces) {
      // What is forgotten so is announced once more, and asked for once more.
      if (session.wanted.size() >= kWantedMax) session.wanted.clear();
      session.wanted.insert(holdings.hasher(id));
    }
    holdings.neighbours.unmark(slot, session.bit);
    offer_again(session, holdings.table.ref(slot));
  }
  return true;
}

/// Above the bound nothing is asked: a neighbour that announces so much does not read.
void Router::Impl::ask(const PullTable::Ask& ask) {
  for (const auto& session : sessions) {
    if (session->bit != ask.bit) continue;
    if (session->asking.size() < PullTable::kMax) session->asking.push_back(ask.id);
    mark_ready(*session);
    return;
  }
}

void Router::Impl::ask_for_due() {
  while (const auto due = pulls.next_due(now)) ask(*due);
}

void Router::Impl::offer_shown_again(NeighbourSession& session) {
  session.offers_again_at.reset();
  for (const SlotRef envelope : std::exchange(session.shown, {})) {
    if (holdings.table.alive(envelope)) offer_again(session, envelope);
  }
}

}  // namespace chaski::mesh_router
