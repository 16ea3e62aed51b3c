// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world_impl.hpp"

#include <algorithm>
#include <cmath>

#include "base/assert.hpp"
#include "sim/world/frame_hash.hpp"

namespace chaski::sim {
namespace {

/// Whether an event's subject is a connection.
bool concerns_connection(Event::Kind kind) {
  switch (kind) {
    case Event::Kind::frame:
    case Event::Kind::room:
    case Event::Kind::open:
    case Event::Kind::closed:
    case Event::Kind::notice:
      return true;
    case Event::Kind::service:
    case Event::Kind::wake:
    case Event::Kind::dial:
    case Event::Kind::action:
      return false;
  }
  return false;
}

}  // namespace

World::Impl::Impl(const WorldConfig& configuration)
    : config(configuration), random(configuration.seed), scratch(65'536) {}

void World::Impl::plan(Event::Kind kind, base::Time at, std::uint32_t subject, std::uint8_t side,
                       std::uint32_t payload) {
  if (concerns_connection(kind)) ++connections[subject].planned;
  heap.push(
      {.at = at, .order = 0, .kind = kind, .side = side, .subject = subject, .payload = payload});
}

void World::Impl::run_until_time(base::Time until) {
  for (;;) {
    const base::Time own = heap.empty() ? base::Time::max() : heap.next_time();
    const base::Time other = companion != nullptr ? companion->next_time() : base::Time::max();
    if (std::min(own, other) > until) break;
    ++events;
    if (other < own) {
      CHASKI_ASSERT(other >= now);
      now = other;
      companion->step(now);
      continue;
    }
    const Event event = heap.pop();
    CHASKI_ASSERT(event.at >= now);
    now = event.at;
    step(event);
    if (concerns_connection(event.kind)) {
      --connections[event.subject].planned;
      maybe_over.push_back(event.subject);
    }
    tidy_connections();
  }
  now = until;
}

void World::Impl::begin_anew() {
  CHASKI_ASSERT(actions.empty() && companion == nullptr && frames_in_flight == 0);
  for (Place& place : places) {
    CHASKI_ASSERT(place.host != nullptr && place.connections.empty() && place.wires.empty());
    place.host->age_by(now.time_since_epoch());
    place.service_planned = false;
    place.wake_at = base::Time::max();
  }
  CHASKI_ASSERT(slot_of.empty());
  now = {};
  heap = {};
  wires.clear();
  std::fill(radio_until.begin(), radio_until.end(), base::Time{});
  hash = events = frames = frame_bytes = 0;
  for (NodeIndex index = 0; index < places.size(); ++index) plan_service(index, {});
}

void World::Impl::step(const Event& event) {
  switch (event.kind) {
    case Event::Kind::service:
      service(event.subject);
      break;
    case Event::Kind::wake:
      wake(event.subject);
      break;
    case Event::Kind::frame:
      frame(event.subject, event.side, event.payload);
      break;
    case Event::Kind::room:
      connections[event.subject].room_planned[event.side] = false;
      pull(event.subject, event.side);
      plan_service(connections[event.subject].ends[event.side], {});
      break;
    case Event::Kind::open:
      open(event.subject, event.side);
      break;
    case Event::Kind::closed:
    case Event::Kind::notice:
      closed(event.subject, event.side);
      break;
    case Event::Kind::dial:
      dial(event.subject);
      break;
    case Event::Kind::action: {
      auto action = actions.extract(event.subject);
      action.mapped()();
      break;
    }
  }
}

NodeIndex World::Impl::add(std::unique_ptr<Actor> actor, NodeHost* as_host) {
  const auto index = static_cast<NodeIndex>(places.size());
  places.emplace_back().host = as_host;
  radio_until.emplace_back();
  place_actor(index, std::move(actor));
  return index;
}

void World::Impl::place_actor(NodeIndex index, std::unique_ptr<Actor> actor) {
  places[index].actor = std::move(actor);
  places[index].actor->set_sink([this, index](const node::NodeEvent& event) {
    if (sink) sink(index, event);
  });
  plan_service(index, {});
}

NodeHost& World::Impl::host(NodeIndex index) {
  CHASKI_ASSERT(index < places.size() && places[index].host != nullptr);
  return *places[index].host;
}

void World::Impl::plan_service(NodeIndex index, base::Duration after) {
  Place& place = places[index];
  if (place.service_planned) return;
  place.service_planned = true;
  plan(Event::Kind::service, now + after, index);
}

void World::Impl::service(NodeIndex index) {
  Place& place = places[index];
  place.service_planned = false;
  if (!place.powered) return;
  if (!place.actor->settle(now)) {
    kill(index, std::chrono::milliseconds(1));
    restart(index);
    return;
  }
  const auto drop_closed = [&] {
    for (base::LinkId id : place.actor->closed_links()) {
      if (const auto number = connection_of(id)) close_from(*number, side_of(*number, index));
    }
  };
  drop_closed();
  for (base::LinkId id : place.actor->ready_links()) {
    if (const auto number = connection_of(id)) pull(*number, side_of(*number, index));
  }
  drop_closed();  // the last frame of one may have been a goodbye
  plan_wake(index);
  if (companion != nullptr) companion->served(index, now);
}

void World::Impl::plan_wake(NodeIndex index) {
  Place& place = places[index];
  const auto at = place.actor->next_wakeup();
  if (!at || *at >= place.wake_at) return;
  place.wake_at = std::max(*at, now);
  plan(Event::Kind::wake, place.wake_at, index);
}

void World::Impl::wake(NodeIndex index) {
  Place& place = places[index];
  if (now < place.wake_at) return;  // planned before an earlier one
  place.wake_at = base::Time::max();
  if (!place.powered) return;
  place.actor->wake(now);
  plan_service(index, {});
}

void World::Impl::kill(NodeIndex index, base::Duration noticed_after) {
  Place& place = places[index];
  place.powered = false;
  place.wake_at = base::Time::max();
  for (std::uint32_t number : std::vector<std::uint32_t>(place.connections)) {
    forget(number, side_of(number, index));
    break_connection(number, noticed_after);
  }
  if (place.host != nullptr) place.host->stop();
}

void World::Impl::restart(NodeIndex index) {
  Place& place = places[index];
  place.powered = true;
  if (place.host != nullptr) place.host->start(now);
  plan_service(index, {});
  for (std::uint32_t wire : place.wires) plan_dial(wire, config.redial_after / 10);
}

void World::Impl::plan_dial(std::uint32_t number, base::Duration after) {
  Wire& wire = wires[number];
  if (wire.dial_planned || !wire.wanted) return;
  wire.dial_planned = true;
  plan(Event::Kind::dial, now + after, number);
}

/// Whether another wire of the same kind connects the two: then this one waits.
bool World::Impl::pair_has_connection(const Wire& wire) const {
  for (std::uint32_t number : places[wire.dialler].connections) {
    const Connection& c = connections[number];
    const bool between = (c.ends[0] == wire.dialler && c.ends[1] == wire.other) ||
                         (c.ends[1] == wire.dialler && c.ends[0] == wire.other);
    if (between && c.model.kind == wire.model.kind && c.open[0] && c.open[1]) return true;
  }
  return false;
}

std::uint32_t World::Impl::make_connection(NodeIndex dialler, NodeIndex other,
                                           const LinkModel& model, std::uint32_t wire) {
  if (free_connections.empty()) {
    free_connections.push_back(static_cast<std::uint32_t>(connections.size()));
    connections.emplace_back();
  }
  const std::uint32_t number = free_connections.back();
  free_connections.pop_back();
  Connection& c = connections[number];
  c = {};
  c.link = {++last_link};
  c.wire = wire;
  c.ends = {dialler, other};
  c.model = model;
  slot_of.emplace(c.link.value, number);
  return number;
}

std::optional<std::uint32_t> World::Impl::connection_of(base::LinkId link) const {
  const auto found = slot_of.find(link.value);
  return found == slot_of.end() ? std::nullopt : std::optional(found->second);
}

void World::Impl::tell_ended(std::uint32_t number, std::uint8_t side) {
  Connection& c = connections[number];
  if (c.wire == kNoWire && !std::exchange(c.told[side], true)) {
    ends_lost.emplace_back(c.link, c.ends[side]);
  }
}

void World::Impl::free_if_over(std::uint32_t number) {
  const Connection& c = connections[number];
  if (c.planned > 0 || c.open[0] || c.open[1]) return;
  if (c.wire != kNoWire && wires[c.wire].connection == number) return;
  if (slot_of.erase(c.link.value) == 0) return;
  free_connections.push_back(number);
  // Who never got it.
  tell_ended(number, 0);
  tell_ended(number, 1);
}

void World::Impl::tidy_connections() {
  for (const std::uint32_t number : std::exchange(maybe_over, {})) free_if_over(number);
  for (const auto& [link, end] : std::exchange(ends_lost, {})) {
    if (ended) ended(link, end);
  }
}

void World::Impl::dial(std::uint32_t number) {
  Wire& wire = wires[number];
  wire.dial_planned = false;
  if (!wire.wanted || wire.connection) return;
  if (!places[wire.dialler].powered || !places[wire.other].powered) return;
  if (pair_has_connection(wire)) return plan_dial(number, config.redial_after);
  const std::uint32_t connection = make_connection(wire.dialler, wire.other, wire.model, number);
  wire.connection = connection;
  plan(Event::Kind::open, now + wire.model.delay, connection, 1);
  plan(Event::Kind::open, now + 2 * wire.model.delay, connection, 0);
}

void World::Impl::open(std::uint32_t number, std::uint8_t side) {
  Connection& c = connections[number];
  const NodeIndex index = c.ends[side];
  const bool other_gone = side == 0 && !c.open[1];
  if (c.broken || other_gone || !places[index].powered) {
    break_connection(number, {});
    return;
  }
  c.open[side] = true;
  places[index].connections.push_back(number);
  const auto role = side == 0 ? base::LinkRole::initiator : base::LinkRole::responder;
  if (!places[index].actor->link_opened(c.link, c.model.kind, role, c.model.frame_size_max,
                                        now)) {
    close_from(number, side);
    return;
  }
  plan_service(index, {});
}

void World::Impl::pull(std::uint32_t number, std::uint8_t side) {
  Connection& c = connections[number];
  if (!c.open[side]) return;
  Actor& actor = *places[c.ends[side]].actor;
  const std::uint8_t other = side == 0 ? 1 : 0;
  // On a shared radio one frame a turn, and then behind all who wait: so everybody's turn comes.
  const int turns = c.model.shares_radio ? 1 : kFramesPerTurn - 1;
  for (int turn = 0;; ++turn) {
    if (c.model.shares_radio) {
      c.from[side].wait_for(std::max(radio_until[c.ends[0]], radio_until[c.ends[1]]));
    }
    const base::Time room = c.from[side].room_at(c.model);
    if (room > now || turn == turns) {
      if (c.room_planned[side]) return;
      c.room_planned[side] = true;
      constexpr base::Duration kSoon = std::chrono::microseconds(1);
      const bool behind = c.model.shares_radio && turn == turns;
      plan(Event::Kind::room, std::max(room, now + kSoon) + (behind ? kSoon : base::Duration{}),
           number, side);
      return;
    }
    const double sends = companion == nullptr || c.broken ? 1 : companion->sends(c.link, now);
    if (sends == 0) {
      if (std::exchange(c.room_planned[side], true)) return;
      plan(Event::Kind::room, now + Companion::kStandstill, number, side);
      return;
    }
    const std::size_t size = actor.next_frame(
        c.link, base::MutableByteView(scratch).first(c.model.frame_size_max), now);
    if (size == 0) return;
    const auto arrival = c.from[side].send(c.model, size, random, now, sends);
    count_sent(c, side, size);
    if (c.model.shares_radio) {
      radio_until[c.ends[0]] = radio_until[c.ends[1]] = c.from[side].on_air_until();
    }
    if (c.broken) continue;  // into the void
    if (!arrival) {
      break_connection(number, c.model.notice_after == LinkModel::kNever ? base::Duration{}
                                                                         : c.model.notice_after);
      continue;
    }
    ++frames_in_flight;
    plan(Event::Kind::frame, *arrival, number, other, take_buffer({scratch.data(), size}));
  }
}

void World::Impl::count_sent(const Connection& c, std::uint8_t side, std::size_t size) {
  const auto bytes = static_cast<std::uint64_t>(
      std::llround(static_cast<double>(size) * c.from[side].last_sends()));
  air_bytes += bytes;
  if (companion == nullptr) return;
  companion->sent(c.link, c.ends[side], c.ends[side == 0 ? 1 : 0], bytes, !c.broken, now);
}

void World::Impl::frame(std::uint32_t number, std::uint8_t side, std::uint32_t payload) {
  --frames_in_flight;
  Connection& c = connections[number];
  base::Bytes& bytes = buffers[payload];
  if (!c.broken && c.open[side]) {
    const NodeIndex from = c.ends[side == 0 ? 1 : 0];
    const NodeIndex to = c.ends[side];
    hash_frame(from, to, bytes);
    places[to].actor->receive(c.link, bytes, now);
    if (companion != nullptr) companion->carried(c.link, from, to, bytes.size(), now);
    plan_service(to, config.commit_every);
  }
  free_buffers.push_back(payload);
}

void World::Impl::forget(std::uint32_t number, std::uint8_t side) {
  Connection& c = connections[number];
  c.open[side] = false;
  std::erase(places[c.ends[side]].connections, number);
  tell_ended(number, side);
  maybe_over.push_back(number);
  if (c.open[0] || c.open[1] || c.wire == kNoWire) return;
  Wire& wire = wires[c.wire];
  if (wire.connection == number) wire.connection.reset();
  plan_dial(c.wire, config.redial_after);
}

void World::Impl::close_from(std::uint32_t number, std::uint8_t side) {
  Connection& c = connections[number];
  if (!c.open[side]) return;
  const std::uint8_t other = side == 0 ? 1 : 0;
  forget(number, side);
  if (c.broken) return;
  const base::Time heard = std::max(now + c.model.delay, c.from[side].last_arrival());
  plan(Event::Kind::closed, heard, number, other);
}

void World::Impl::closed(std::uint32_t number, std::uint8_t side) {
  Connection& c = connections[number];
  if (!c.open[side]) {
    c.broken = true;  // it closed before the dialler knew that it was open
    return;
  }
  const NodeIndex index = c.ends[side];
  forget(number, side);
  places[index].actor->link_closed(c.link, now);
  plan_service(index, {});
}

void World::Impl::break_connection(std::uint32_t number, base::Duration noticed_after) {
  Connection& c = connections[number];
  if (c.broken && !c.open[0] && !c.open[1]) return;
  c.broken = true;
  maybe_over.push_back(number);
  if (!c.open[0] && !c.open[1]) {
    if (c.wire == kNoWire) return;
    if (wires[c.wire].connection == number) wires[c.wire].connection.reset();
    plan_dial(c.wire, config.redial_after);
    return;
  }
  if (noticed_after == LinkModel::kNever) return;
  for (std::uint8_t side : {std::uint8_t{0}, std::uint8_t{1}})
    if (c.open[side]) plan(Event::Kind::notice, now + noticed_after, number, side);
}

std::uint32_t World::Impl::take_buffer(base::ByteView bytes) {
  if (free_buffers.empty()) {
    free_buffers.push_back(static_cast<std::uint32_t>(buffers.size()));
    buffers.emplace_back();
  }
  const std::uint32_t number = free_buffers.back();
  free_buffers.pop_back();
  buffers[number].assign(bytes.begin(), bytes.end());
  return number;
}

void World::Impl::hash_frame(NodeIndex from, NodeIndex to, base::ByteView bytes) {
  ++frames;
  frame_bytes += bytes.size();
  hash = mix(hash, static_cast<std::uint64_t>(base::to_us(now)));
  hash = mix(hash, (std::uint64_t{from} << 32) | to);
  hash = mix(hash, hash_bytes(bytes));
}

}  // namespace chaski::sim
