// SPDX-License-Identifier: Apache-2.0
#include "embedded/relay.hpp"

#include <algorithm>

namespace chaski::embedded {

namespace {

mesh_router::RouterLimits small_limits() {
  mesh_router::RouterLimits limits;
  limits.envelopes_max = 128;
  limits.neighbours_max = 4;
  limits.seen_ids_max = 512;
  limits.window_envelopes = 16;
  limits.window_bytes = 4'096;
  limits.unverified_receipts_max = 64;
  limits.partial_bytes_max = 0;
  limits.events_max = 16;
  return limits;
}

}  // namespace

Relay::Relay(const chaski_medium& port, base::LinkRole role)
    : port_(port),
      role_(role),
      random_(port),
      key_(link::NodeKey::generate(random_)),
      store_(kStoreBytesMax),
      router_(small_limits(), store_, nullptr, random_, now()),
      link_(link_config(), random_, now()) {}

base::Time Relay::now() const {
  return base::from_us(static_cast<std::int64_t>(port_.time_us(port_.context)));
}

link::LinkConfig Relay::link_config() const {
  link::Hello hello;
  hello.frame_size_max = kFrameSizeMax - link::Link::kSealOverhead;
  return {role_, &key_, std::nullopt, hello, {}};
}

void Relay::step() {
  while (const std::size_t size = port_.receive(port_.context, frame_.data(), frame_.size())) {
    take(size);
  }
  const base::Time present = now();
  link_.wake(present);
  router_.wake(present);
  follow_link();
  while (router_.next_event()) {
  }
  // Memory is the store here: what is in it is as durable as it gets.
  if (router_.dirty()) router_.committed(present);
  while (port_.can_send(port_.context) != 0) {
    const std::size_t size = make_frame();
    if (size == 0) break;
    port_.send(port_.context, frame_.data(), size);
  }
  follow_link();
}

void Relay::take(std::size_t frame_size) {
  const base::Time present = now();
  const auto records = link_.receive({frame_.data(), std::min(frame_size, frame_.size())}, present);
  follow_link();
  if (known_to_router_ && !records.empty() && !router_.receive(link_id_, records, present)) {
    link_.close(link::CloseReason::protocol_error, present);
  }
}

std::size_t Relay::make_frame() {
  const base::Time present = now();
  if (const std::size_t size = link_.next_frame(frame_, present)) return size;
  if (!known_to_router_) return 0;
  const base::MutableByteView room{frame_.data(), frame_.size() - link::Link::kSealOverhead};
  const std::size_t size = router_.next_frame(link_id_, room, present);
  return size == 0 ? 0 : link_.seal(frame_, size, present);
}

/// Tells the router when the link opened, and begins anew when it closed.
void Relay::follow_link() {
  if (link_.state() == link::Link::State::closed) {
    restart_link();
  } else if (link_.state() == link::Link::State::open && !known_to_router_) {
    const std::size_t theirs = link_.peer_hello().frame_size_max;
    const mesh_router::NeighbourId neighbour{link_.peer().bytes};
    const mesh_router::LinkParameters parameters{
        .frame_size_max = std::min(theirs, kFrameSizeMax - link::Link::kSealOverhead),
        .role = role_,
        .salt = {link_.derive(mesh_router::kShortIdSaltLabel)}};
    known_to_router_ = router_.link_up(link_id_, neighbour, parameters, now());
  }
}

void Relay::restart_link() {
  if (known_to_router_) router_.link_down(link_id_, now());
  known_to_router_ = false;
  ++link_id_.value;
  link_ = link::Link(link_config(), random_, now());
}

std::optional<base::Time> Relay::next_wakeup() const {
  const auto link = link_.next_wakeup();
  const auto router = router_.next_wakeup();
  if (!link) return router;
  return router ? std::min(*link, *router) : *link;
}

}  // namespace chaski::embedded
