// SPDX-License-Identifier: Apache-2.0
// A stick that is carried between nodes: what goes onto it, and what comes off it.
#include <algorithm>

#include "base/assert.hpp"
#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

namespace {

/// Whoever carries sticks is one depositor, however many there are: names are free, and so are
/// sticks.
constexpr std::uint64_t kStickOrigin = 0x6b63697473;

NeighbourId stick_neighbour() {
  NeighbourId id;
  id.bytes = {'s', 't', 'i', 'c', 'k'};
  return id;
}

}  // namespace

/// A session that is in no list: nothing is offered to it, no policy hears of it, and it is over
/// with the records.
std::optional<StickTake> Router::Impl::take_from_stick(base::ByteView records) {
  const auto bit = holdings.neighbours.join(stick_neighbour());
  if (!bit) return std::nullopt;
  const LinkParameters parameters{.frame_size_max = wire::kFrameSizeMin, .origin = kStickOrigin};
  NeighbourSession session(base::LinkId{}, stick_neighbour(), parameters, limits.reassembly, 0,
                           now);
  session.bit = *bit;
  session.depositor = holdings.hasher.depositor(kStickOrigin);
  session.listed_ready = true;  // there is nothing to send
  const RouterCounters before = counters;
  counters.bytes_received += records.size();
  wire::RecordReader reader(records);
  for (bool more = true; more;) {
    const auto record = reader.next();
    if (!record) drop(DropReason::malformed_frame);
    if (!record || !*record) break;
    if ((*record)->type == wire::RecordType::envelope) {
      more = take_envelope(session, (*record)->payload, now);
    } else if ((*record)->type != wire::RecordType::padding) {
      drop(DropReason::unknown_record);
    }
  }
  holdings.neighbours.leave(*bit);
  const auto dropped = [&](DropReason reason) {
    const auto at = static_cast<std::size_t>(reason);
    return counters.dropped[at] - before.dropped[at];
  };
  StickTake take;
  take.envelopes = counters.envelopes_received - before.envelopes_received;
  take.taken = counters.envelopes_accepted - before.envelopes_accepted;
  take.known = dropped(DropReason::duplicate) + dropped(DropReason::already_delivered);
  take.shown = dropped(DropReason::no_hops_left);
  take.no_room = dropped(DropReason::storage_full) + dropped(DropReason::quota_exceeded);
  const std::uint64_t rest = take.taken + take.known + take.shown + take.no_room;
  take.refused = take.envelopes - std::min(take.envelopes, rest);
  return take;
}

bool Router::Impl::list_for_stick(StickListing& listing) {
  return listing.work(holdings.table, ForwardingGate(limits, holdings), now);
}

std::size_t Router::Impl::next_for_stick(StickListing& listing, base::MutableByteView out) {
  const ForwardingGate gate(limits, holdings);
  wire::RecordWriter writer(out);
  while (const auto ref = listing.front()) {
    // What grew old or was delivered since it was listed stays here.
    if (!holdings.table.alive(*ref) || gate.why_not_on_a_stick(ref->slot, now)) {
      listing.pop(StickListing::Became::gone);
      continue;
    }
    const HeldEnvelope& held = holdings.table.at(ref->slot);
    const std::uint16_t copies = held.is_receipt || held.copies == 0 ? 0 : 1;
    const wire::CarryState state = carry_state(held, {Offer::push, copies, held.copies}, now);
    const std::size_t size = wire::carried_size(state, held.size);
    if (wire::record_size(size) > out.size()) {
      listing.pop(StickListing::Became::too_long);
      continue;
    }
    if (wire::record_size(size) > out.size() - writer.size()) break;
    const base::ByteView bytes = holdings.store.read(held.key());
    if (bytes.size() != held.size) {
      listing.pop(StickListing::Became::gone);
      continue;
    }
    const auto room = writer.add(wire::RecordType::envelope, size);
    const bool fits = room && wire::encode_carried({state, bytes}, *room);
    CHASKI_ASSERT(fits);
    listing.pop(StickListing::Became::written);
  }
  return writer.size();
}

}  // namespace chaski::mesh_router
