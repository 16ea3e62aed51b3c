// SPDX-License-Identifier: Apache-2.0
// The node's life: links, commits, time, lock and unlock.
#include <algorithm>

#include "node/node_impl.hpp"

namespace chaski::node {

void Node::Impl::welcome(base::Time now) {
  std::vector<wire::EnvelopeId> own = person->messenger.undelivered();
  std::vector<wire::DeliveryTag> tags = person->contacts.load();
  person->meeting.healing().load(now, tags);
  const auto lists = person->meeting.healing().prekeys().underway();
  own.insert(own.end(), lists.begin(), lists.end());
  person->meeting.cards().load(now, tags);
  person->meeting.heard_cards().listen(person->contacts.tags(), tags);
  person->introductions.load(tags);
  const auto said = person->introductions.underway();
  own.insert(own.end(), said.begin(), said.end());
  person->files.load(tags);
  const auto chunks = person->files.resume(ended, now);
  own.insert(own.end(), chunks.begin(), chunks.end());
  router.person_came(own, now);
  person->messenger.take_ends(ended, router, now);
  person->introductions.take_ends(ended, router, now);
  ended.clear();
  person->conversation.wake(now);  // what disappeared meanwhile is gone before anything is shown
  person->inbox.learn(tags);
  settle(now);
}

void Node::Impl::settle(base::Time now) {
  if (person) {
    std::vector<wire::DeliveryTag> fresh;
    person->pairing.settle(router, now, fresh);
    person->inbox.learn(fresh);
    person->inbox.settle(router, now);
  }
  if (pairings.take_change()) context.events.link(PairingChanged{});
  drain_router(now);
  if (person) person->meeting.healing().settle(now);
}

void Node::Impl::drain_router(base::Time now) {
  while (const auto event = router.next_event()) {
    const auto* taken = std::get_if<mesh_router::AcceptedEvent>(&*event);
    if (taken != nullptr && config.tells_taken) {
      context.events.link(EnvelopeTaken{taken->id, {taken->neighbour.bytes}});
    }
    if (person) {
      person->messenger.on_router_event(*event, now);
      person->meeting.healing().on_router_event(*event);
      person->introductions.on_router_event(*event, now);
      person->files.on_router_event(*event, now);
    } else {
      ended.add(*event);
    }
  }
}

Node::Node(const NodeConfig& config, NodeStore& store, base::Random& random, base::Time now)
    : impl_(std::make_unique<Impl>(config, store, random, now)) {}
Node::~Node() = default;

bool Node::link_opened(base::LinkId link, base::TransportKind kind, base::LinkRole role,
                       std::size_t frame_size_max, base::Time now, std::uint64_t origin) {
  return impl_->links.open(link, {kind, role, frame_size_max, origin}, now);
}

void Node::link_closed(base::LinkId link, base::Time now) {
  impl_->links.transport_closed(link, now);
  impl_->settle(now);
}

void Node::receive(base::LinkId link, base::MutableByteView frame, base::Time now) {
  impl_->links.receive(link, frame, now);
  impl_->settle(now);
}

std::size_t Node::next_frame(base::LinkId link, base::MutableByteView out, base::Time now) {
  return impl_->links.next_frame(link, out, now);
}

std::vector<base::LinkId> Node::ready_links() {
  return impl_->links.ready();
}

void Node::close_all(link::CloseReason reason, base::Time now) {
  impl_->links.close_all(reason, now);
}

bool Node::dirty() const {
  return impl_->dirty();
}

base::Expected<void, mesh_router::StoreError> Node::flush(base::Time now) {
  impl_->drain_router(now);
  if (Resident* person = impl_->person.get()) {
    person->contacts.save_dirty();
    person->introductions.save_if_changed();
    person->files.save_dirty();
  }
  if (auto done = impl_->context.store.commit(); !done) return done;
  impl_->context.dirty = false;
  impl_->router.committed(now);
  impl_->context.events.release();
  impl_->pairings.committed();
  if (impl_->pairings.take_change()) impl_->context.events.link(PairingChanged{});
  return {};
}

std::optional<NodeEvent> Node::next_event() {
  return impl_->context.events.next();
}

std::optional<base::Time> Node::next_wakeup() const {
  base::Time at = impl_->expire_sessions_at;
  const auto consider = [&at](std::optional<base::Time> other) {
    if (other) at = std::min(at, *other);
  };
  consider(impl_->router.next_wakeup());
  consider(impl_->links.next_wakeup());
  consider(impl_->pairings.next_wakeup());
  if (impl_->person) {
    consider(impl_->person->inbox.next_wakeup());
    consider(impl_->person->conversation.next_wakeup());
    consider(impl_->person->meeting.stamps().next_wakeup());
    consider(impl_->person->meeting.card_post().next_wakeup());
    consider(impl_->person->meeting.healing().next_wakeup());
    consider(impl_->person->introductions.next_wakeup());
    consider(impl_->person->files.next_wakeup());
  }
  return at;
}

void Node::wake(base::Time now) {
  impl_->links.wake(now);
  impl_->pairings.wake(now);
  impl_->router.wake(now);
  const bool is_hour = impl_->expire_sessions_at <= now;
  if (is_hour) impl_->expire_sessions_at = now + kExpireSessionsEvery;
  if (Resident* person = impl_->person.get()) {
    person->conversation.wake(now);
    person->inbox.wake(impl_->router, now);
    person->meeting.stamps().wake(impl_->router, now);
    person->meeting.card_post().wake(impl_->router, now);
    std::vector<wire::DeliveryTag> fresh;
    person->meeting.healing().wake(impl_->router, now, fresh);
    person->introductions.wake(impl_->router, now, fresh);
    person->files.wake(impl_->router, now, fresh);
    person->inbox.learn(fresh);
    if (is_hour) {
      person->contacts.expire(now);
      person->meeting.cards().expire(now);
      person->meeting.heard_cards().expire();
    }
  }
  impl_->settle(now);
}

bool Node::locked() const {
  return !impl_->person;
}

void Node::unlock(base::Time now) {
  if (impl_->person) return;
  impl_->person = std::make_unique<Resident>(impl_->context, impl_->pairings);
  impl_->welcome(now);
}

void Node::lock(base::Time now) {
  impl_->person.reset();
  impl_->pairings.forget();
  impl_->context.dirty = false;
  impl_->context.events.forget_people();
  impl_->router.person_left(now);
}

void Node::set_wall_time(WallTime wall) {
  impl_->context.wall = wall;
}

const link::NodePublicKey& Node::node_key() const {
  return impl_->node_key.public_key();
}

std::vector<NeighbourInfo> Node::neighbours() const {
  return impl_->links.neighbours();
}

std::size_t Node::handshakes() const {
  return impl_->links.handshakes();
}

const mesh_router::Router& Node::router() const {
  return impl_->router;
}

const std::vector<std::pair<link::CloseReason, std::uint64_t>>& Node::close_counts() const {
  return impl_->links.close_counts();
}

}  // namespace chaski::node
