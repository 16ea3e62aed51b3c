// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>

#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

void Router::Impl::committed() {
  const bool any = holdings.settle();
  for (const auto& session : sessions) {
    session->received.settle();
    if (any || session->received.wants_to_send()) mark_ready(*session);
  }
}

void Router::Impl::wake() {
  expire();
  if (now >= room_poll_at) poll_room();
  ask_for_due();
  for (const auto& session : sessions) wake_session(*session);
}

void Router::Impl::expire() {
  for (std::size_t i = 0; i < kExpiriesPerWake; ++i) {
    const Slot slot = holdings.table.first_due(now);
    if (slot == kNoSlot) break;
    expire_one(slot);
  }
  holdings.expire_tombstones(now, kTombstonesPerWake);
  partials.expire(now);
}

/// Bits of neighbours: those that are known to have it, and some of which that is not known, as
/// nobody marks what both had at link-up.
std::uint64_t Router::Impl::who_may_have(const HeldEnvelope& held) const {
  std::uint64_t here = 0;
  for (const auto& session : sessions) here |= std::uint64_t{1} << session->bit;
  std::uint64_t bits = held.known_by & here;
  for (const auto& session : sessions) {
    if (std::popcount(bits) >= kAskedForExpired) break;
    bits |= std::uint64_t{1} << session->bit;
  }
  return bits;
}

/// Its author knows how old it is. A neighbour may have lied: then others have it younger.
void Router::Impl::expire_one(Slot slot) {
  const HeldEnvelope& held = holdings.table.at(slot);
  events.push(ExpiredEvent{held.id, held.local}, held.local);
  if (held.local || held.came_first() - held.born() < kWorthComingBack) {
    holdings.release(slot, Remember::for_good);
    return;
  }
  if (now - held.came_first() + kWorthComingBack <= limits.residence_max) {
    pulls.expired(holdings.hasher(held.id), held.id, who_may_have(held), now);
  }
  holdings.release(slot, Remember::until_younger);
}

void Router::Impl::wake_session(NeighbourSession& session) {
  if (session.work_pending) {
    session.work_pending = false;
    mark_ready(session);
  }
  if (const auto end = session.reconciler.patience_ends(); end && now >= *end) {
    session.reconciler.give_up(now);
    mark_ready(session);
  }
  if (session.pace_left == 0 && now >= session.pace_ends) mark_ready(session);
  if (session.offers_again_at && now >= *session.offers_again_at) offer_shown_again(session);
  if (session.custody == Custody::refusing && now >= session.retry_at) {
    session.custody = Custody::probing;
    session.receipts_refused = false;
    mark_ready(session);
  }
}

/// Tells those who were refused that there is room again, and stores receipts that had to wait.
void Router::Impl::poll_room() {
  room_poll_at = now + kRoomPoll;
  for (std::size_t i = 0; i < kWaitingReceiptsPerPoll && receipts_wait(); ++i) {
    if (!store_receipt(waiting_receipts.front())) break;
    waiting_receipts.pop_front();
  }
  for (const auto& session : sessions) {
    if (!session->owes_ready) continue;
    if (!holdings.could_hold(session->depositor, session->refused_size)) continue;
    session->owes_ready = false;
    session->says_ready = true;
    mark_ready(*session);
  }
}

std::optional<base::Time> Router::Impl::next_wakeup() const {
  std::optional<base::Time> earliest;
  const auto consider = [&earliest](base::Time time) {
    if (!earliest || time < *earliest) earliest = time;
  };
  if (const auto expiry = holdings.table.next_expiry()) consider(*expiry);
  if (const auto tombstone = holdings.filter.next_expiry()) consider(*tombstone);
  if (const auto partial = partials.next_expiry()) consider(*partial);
  if (const auto pull = pulls.next_time()) consider(*pull);
  bool wants_room = receipts_wait();
  for (const auto& session : sessions) {
    if (session->work_pending) consider(now);
    if (const auto end = session->reconciler.patience_ends()) consider(*end);
    if (session->pace_left == 0 && session->pace_ends > now) consider(session->pace_ends);
    if (session->offers_again_at) consider(*session->offers_again_at);
    if (session->custody == Custody::refusing) consider(session->retry_at);
    wants_room = wants_room || session->owes_ready;
  }
  if (wants_room) consider(room_poll_at);
  return earliest;
}

}  // namespace chaski::mesh_router
