// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mesh-router/announces.hpp"
#include "mesh-router/frame_filler.hpp"
#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

NeighbourSession* Router::Impl::find(base::LinkId link) {
  for (const auto& session : sessions) {
    if (session->link == link) return session.get();
  }
  return nullptr;
}

bool Router::Impl::link_up(base::LinkId link, const NeighbourId& neighbour,
                           const LinkParameters& parameters) {
  if (sessions.size() >= limits.neighbours_max || find(link) != nullptr) return false;
  if (parameters.frame_size_max < wire::kFrameSizeMin) return false;
  const auto bit = holdings.neighbours.join(neighbour);
  if (!bit) return false;
  auto session = std::make_unique<NeighbourSession>(link, neighbour, parameters, limits.reassembly,
                                                    holdings.table.slot_end(), now);
  session->bit = *bit;
  session->depositor = parameters.origin != 0 ? holdings.hasher.depositor(parameters.origin)
                                               : holdings.hasher.depositor(neighbour);
  session->cursors = holdings.lanes.ends();
  holdings.lanes.attach(session->cursors);
  mark_ready(*session);
  holdings.policy->contact_up(session->contact());
  session->offers_again_at = holdings.policy->offers_again_at(session->contact());
  sessions.push_back(std::move(session));
  return true;
}

void Router::Impl::link_down(base::LinkId link) {
  const auto found = std::find_if(sessions.begin(), sessions.end(),
                                  [link](const auto& session) { return session->link == link; });
  if (found == sessions.end()) return;
  forget_in_flight(**found);
  keep_partials(**found);
  holdings.policy->contact_down((*found)->contact(), now);
  holdings.lanes.detach((*found)->cursors);
  holdings.neighbours.leave((*found)->bit);
  std::erase(ready, link);
  sessions.erase(found);
}

/// What was not acknowledged is not known to have arrived: another link to the same neighbour
/// offers it again.
void Router::Impl::forget_in_flight(NeighbourSession& session) {
  const auto forget = [&](const SentLedger::Entry& entry) {
    if (!holdings.table.alive(entry.envelope)) return;
    take_back(entry);
    holdings.neighbours.unmark(entry.envelope.slot, session.bit);
    for (const auto& other : sessions) {
      if (other.get() != &session && other->bit == session.bit) offer_again(*other, entry.envelope);
    }
  };
  for (std::size_t i = 0; i < session.sent.count(); ++i) forget(session.sent[i]);
  for (std::size_t i = 0; i < TransferSet::kMax; ++i) {
    if (const auto* entry = session.transfers.entry(i)) forget(*entry);
  }
  bool neighbour_stays = false;
  for (const auto& other : sessions) {
    neighbour_stays = neighbour_stays || (other.get() != &session && other->bit == session.bit);
  }
  if (!neighbour_stays) return pulls.left(session.bit);
  for (std::size_t i = 0; kAnnounces && i < session.announced.size(); ++i) {
    forget({.envelope = session.announced[i]});
  }
}

/// The copies that a neighbour was given are here again.
void Router::Impl::take_back(const SentLedger::Entry& entry) {
  HeldEnvelope& held = holdings.table.at(entry.envelope.slot);
  if (held.copies != 0) held.set_copies(held.copies + unsigned{entry.lent});
}

/// It did not come to stay: it waits for its turn once more.
void Router::Impl::offer_again(NeighbourSession& session, SlotRef envelope) {
  session.backlog.push(envelope, holdings.table.at(envelope.slot));
  mark_ready(session);
}

void Router::Impl::mark_ready(NeighbourSession& session) {
  if (session.listed_ready) return;
  session.listed_ready = true;
  ready.push_back(session.link);
}

void Router::Impl::mark_all_ready() {
  for (const auto& session : sessions) mark_ready(*session);
}

std::size_t Router::Impl::next_frame(base::LinkId link, base::MutableByteView out) {
  NeighbourSession* session = find(link);
  if (session == nullptr || out.size() < wire::kFrameSizeMin) return 0;
  FrameFiller filler(limits, holdings, trace, scratch);
  const std::size_t size = filler.fill(*session, out, now, counters.envelopes_sent);
  counters.bytes_sent += size;
  // There may be more; the link stays listed until it has nothing to say.
  if (size > 0) {
    session->work_pending = false;
    mark_ready(*session);
  }
  return size;
}

std::vector<NeighbourStatus> Router::Impl::neighbours() const {
  std::vector<NeighbourStatus> all;
  all.reserve(sessions.size());
  for (const auto& session : sessions) {
    NeighbourStatus status;
    status.id = session->id;
    status.link = session->link;
    status.since = session->since;
    status.queued = session->backlog.size() + holdings.lanes.count_after(session->cursors);
    status.unacknowledged = session->in_flight();
    status.refuses = session->custody != Custody::open;
    status.synchronised = session->reconciler.agreed();
    status.depositor = session->depositor;
    all.push_back(status);
  }
  return all;
}

}  // namespace chaski::mesh_router
