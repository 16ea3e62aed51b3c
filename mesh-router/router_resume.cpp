// SPDX-License-Identifier: Apache-2.0
// Large envelopes that were begun on one link and are finished on another.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

/// Says how much of it is here. All: only when it is held, as reconciling would have told too. What
/// was read or has expired here is taken once more, so that an offer finds out no reader.
bool Router::Impl::take_offer(NeighbourSession& session, base::ByteView payload) {
  const auto offer = wire::decode_offer(payload);
  if (!offer) {
    drop(DropReason::malformed_record);
    return true;
  }
  const Slot slot = holdings.find(offer->id);
  const bool possible =
      slot != kNoSlot
          ? session.offers.decline(*offer)
          : session.offers.expect(*offer, partials.find(offer->id, offer->size), now);
  if (!possible) {
    drop(DropReason::reassembly);
  } else if (slot != kNoSlot) {
    take_duplicate(session, slot, offer->state);
  }
  return possible;
}

bool Router::Impl::take_resume(NeighbourSession& session, base::ByteView payload) {
  const auto resume = wire::decode_resume(payload);
  if (!resume) {
    drop(DropReason::malformed_record);
    return true;
  }
  if (!session.transfers.answer(resume->transfer, resume->offset)) {
    drop(DropReason::unexpected_ack);
    return false;
  }
  mark_ready(session);
  return true;
}

/// Whether a piece is of what was offered.
bool Router::Impl::is_expected(const NeighbourSession& session,
                               const wire::Fragment& fragment) const {
  const OffersHeard::Heard* heard = session.offers.find(fragment.transfer);
  return heard != nullptr && fragment.total == heard->offer.size - heard->beginning.size();
}

/// The rest of an offered envelope came: it is an envelope record like any other.
bool Router::Impl::take_rest(NeighbourSession& session, std::uint32_t transfer,
                             base::ByteView rest) {
  auto heard = session.offers.take(transfer);
  CHASKI_ASSERT(heard.has_value());
  ++counters.envelopes_received;
  const std::uint64_t sequence = session.received.count_one();
  const bool resumed = !heard->beginning.empty();
  base::Bytes whole = std::move(heard->beginning);
  whole.insert(whole.end(), rest.begin(), rest.end());
  partials.erase(heard->offer.id);
  if (wire::envelope_id(whole) != heard->offer.id) {
    drop(DropReason::spoiled, heard->offer.id);
    return session.received.refuse(
        sequence, resumed ? wire::RefuseReason::spoiled : wire::RefuseReason::invalid);
  }
  wire::CarryState state = heard->offer.state;
  grow_older(state, heard->at);
  return take_carried(session, sequence, heard->offer.id, {state, whole});
}

/// The link is gone: what came of its transfers waits for somebody to send the rest.
void Router::Impl::keep_partials(NeighbourSession& session) {
  if (!partials.on()) return;
  for (std::size_t i = 0; i < OffersHeard::kMax; ++i) {
    const auto& heard = session.offers[i];
    if (!heard || holdings.find(heard->offer.id) != kNoSlot) continue;
    const base::ByteView came = session.reassembler.so_far(heard->offer.transfer);
    if (came.empty()) continue;
    base::Bytes bytes = heard->beginning;
    bytes.insert(bytes.end(), came.begin(), came.end());
    partials.put(heard->offer.id, heard->offer.size, session.depositor, std::move(bytes), now);
  }
}

}  // namespace chaski::mesh_router
