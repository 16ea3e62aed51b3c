// SPDX-License-Identifier: Apache-2.0
#include "mesh-router/router.hpp"

#include <algorithm>

#include "mesh-router/router_impl.hpp"

namespace chaski::mesh_router {

Router::Impl::Impl(const RouterLimits& limits_in, EnvelopeStore& store, Recipient* recipient_in,
                   base::Random& random_in, base::Time now_in)
    : limits(limits_in),
      recipient(recipient_in),
      random(random_in),
      now(now_in),
      holdings(limits, store, random_in),
      partials(limits_in.partial_bytes_max),
      events(limits_in.events_max),
      trace(limits_in.traces_max),
      room_poll_at(now_in) {
  limits.neighbours_max = std::min(limits.neighbours_max, NeighbourTable::kMax);
  limits.window_envelopes = std::max<std::size_t>(limits.window_envelopes, 1);
  holdings.load();
}

base::Expected<Slot, HoldError> Router::Impl::hold(const EnvelopeRecord& record,
                                                   base::ByteView envelope) {
  const auto slot = holdings.hold(record, envelope);
  for (const wire::EnvelopeId& id : holdings.displaced) drop(DropReason::displaced, id);
  return slot;
}

void Router::Impl::drop(DropReason reason, std::optional<wire::EnvelopeId> id) {
  ++counters.dropped[static_cast<std::size_t>(reason)];
  events.push(DroppedEvent{reason, id}, /*local=*/false);
}

void Router::Impl::deliver(Slot slot) {
  const HeldEnvelope& held = holdings.table.at(slot);
  events.push(DeliveredEvent{held.id, held.local}, held.local);
  holdings.release(slot, Remember::for_good);
}

Router::Router(const RouterLimits& limits, EnvelopeStore& store, Recipient* recipient,
               base::Random& random, base::Time now)
    : impl_(std::make_unique<Impl>(limits, store, recipient, random, now)) {}
Router::~Router() = default;

bool Router::link_up(base::LinkId link, const NeighbourId& neighbour,
                     const LinkParameters& parameters, base::Time now) {
  impl_->now = now;
  return impl_->link_up(link, neighbour, parameters);
}

void Router::link_down(base::LinkId link, base::Time now) {
  impl_->now = now;
  impl_->link_down(link);
}

bool Router::receive(base::LinkId link, base::ByteView records, base::Time now) {
  impl_->now = now;
  return impl_->receive(link, records);
}

base::Expected<wire::EnvelopeId, SubmitError> Router::submit(base::ByteView envelope,
                                                             const wire::CarryState& state,
                                                             base::Time now) {
  impl_->now = now;
  return impl_->submit(envelope, state);
}

void Router::publish_receipt(const wire::ReceiptBody& receipt, std::uint32_t lifetime_s,
                             std::uint64_t age_ms, base::Time now) {
  impl_->now = now;
  impl_->publish_receipt(receipt, lifetime_s, age_ms);
}

void Router::offer_stored(std::span<const wire::DeliveryTag> tags, base::Time now) {
  impl_->now = now;
  impl_->offer_stored(tags);
}

void Router::person_came(std::span<const wire::EnvelopeId> own, base::Time now) {
  impl_->now = now;
  impl_->holdings.adopt(own);
}

void Router::person_left(base::Time now) {
  impl_->now = now;
  impl_->person_left();
}

std::optional<StickTake> Router::take_from_stick(base::ByteView records, base::Time now) {
  impl_->now = now;
  return impl_->take_from_stick(records);
}

bool Router::list_for_stick(StickListing& listing, base::Time now) const {
  impl_->now = now;
  return impl_->list_for_stick(listing);
}

std::size_t Router::next_for_stick(StickListing& listing, base::MutableByteView out,
                                   base::Time now) const {
  impl_->now = now;
  return impl_->next_for_stick(listing, out);
}

bool Router::dirty() const { return impl_->holdings.changed(); }

void Router::committed(base::Time now) {
  impl_->now = now;
  impl_->committed();
}

std::size_t Router::next_frame(base::LinkId link, base::MutableByteView out, base::Time now) {
  impl_->now = now;
  return impl_->next_frame(link, out);
}

std::vector<base::LinkId> Router::ready_links() {
  std::vector<base::LinkId> ready = std::exchange(impl_->ready, {});
  for (const auto& session : impl_->sessions) session->listed_ready = false;
  return ready;
}

std::optional<RouterEvent> Router::next_event() { return impl_->events.pop(); }
std::optional<TraceEvent> Router::next_trace() { return impl_->trace.pop(); }
std::optional<base::Time> Router::next_wakeup() const { return impl_->next_wakeup(); }

void Router::wake(base::Time now) {
  impl_->now = now;
  impl_->wake();
}

const RouterCounters& Router::counters() const { return impl_->counters; }
std::vector<NeighbourStatus> Router::neighbours() const { return impl_->neighbours(); }
std::array<std::uint64_t, 2> Router::held_sum() const { return impl_->holdings.lanes.sum(); }
StoreUsage Router::usage() const { return impl_->holdings.store.usage(); }
bool Router::holds(const wire::EnvelopeId& id) const { return impl_->holdings.find(id) != kNoSlot; }

Explanation Router::explain(const wire::EnvelopeId& id, base::Time now) const {
  return impl_->explain(id, now);
}

std::optional<std::uint64_t> Router::age_ms(const wire::EnvelopeId& id, base::Time now) const {
  const Slot slot = impl_->holdings.find(id);
  if (slot == kNoSlot) return std::nullopt;
  return impl_->holdings.table.at(slot).age_ms(now);
}

}  // namespace chaski::mesh_router
