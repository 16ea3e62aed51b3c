// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "node/file_intake.hpp"
#include "sim/world/world_impl.hpp"

namespace chaski::sim {

World::World(const WorldConfig& config) : impl_(std::make_unique<Impl>(config)) {}
World::~World() = default;

NodeIndex World::add_node() {
  return add_node(impl_->config.node);
}

NodeIndex World::add_node(const node::NodeConfig& config) {
  Impl& w = *impl_;
  base::SeededRandom derive(w.config.seed ^ (0x9E3779B97F4A7C15u * (w.places.size() + 1)));
  auto host = std::make_unique<NodeHost>(config, w.config.store_bytes_max, w.pool,
                                         derive.next_u64(), w.now);
  NodeHost* raw = host.get();
  const NodeIndex index = w.add(std::move(host), raw);
  return index;
}

NodeIndex World::add_actor(std::unique_ptr<Actor> actor) {
  return impl_->add(std::move(actor), nullptr);
}

void World::put_actor(NodeIndex index, std::unique_ptr<Actor> actor) {
  Impl::Place& place = impl_->places[index];
  CHASKI_ASSERT(place.connections.empty() && place.wires.empty());
  place.host = nullptr;
  place.wake_at = base::Time::max();
  impl_->place_actor(index, std::move(actor));
}

std::size_t World::size() const {
  return impl_->places.size();
}

node::Node& World::node(NodeIndex index) {
  CHASKI_ASSERT(powered(index));
  impl_->plan_service(index, {});
  return impl_->host(index).node();
}

const node::Node& World::look_at(NodeIndex index) const {
  CHASKI_ASSERT(powered(index));
  return impl_->host(index).node();
}

node::MemoryNodeStore& World::store(NodeIndex index) {
  return impl_->host(index).store();
}
bool World::powered(NodeIndex index) const {
  return impl_->places[index].powered;
}

void World::on_event(std::function<void(NodeIndex, const node::NodeEvent&)> sink) {
  impl_->sink = std::move(sink);
}

bool World::is_node(NodeIndex index) const {
  return impl_->places[index].host != nullptr;
}

std::array<std::uint64_t, 2> World::held_sum(NodeIndex index) const {
  CHASKI_ASSERT(powered(index));
  return impl_->places[index].actor->held_sum();
}

void World::set_wall_clock(NodeIndex index, std::int64_t unix_s) {
  impl_->host(index).set_wall_offset(unix_s);
}

std::int64_t World::wall_clock(NodeIndex index) const {
  return impl_->host(index).wall(impl_->now).unix_s;
}

void World::turn_wall_clock(NodeIndex index, std::int64_t by_s) {
  impl_->host(index).turn_wall(by_s);
}

void World::set_wall_drift(NodeIndex index, double ppm) {
  impl_->host(index).set_wall_drift(ppm);
}

void World::hold_back_time(NodeIndex index, base::Duration by) {
  CHASKI_ASSERT(!powered(index));
  impl_->host(index).hold_back(by);
}

void World::crash_and_restart(NodeIndex index) {
  if (!impl_->places[index].powered) return;
  impl_->kill(index, std::chrono::milliseconds(1));
  impl_->restart(index);
}

void World::set_power(NodeIndex index, bool on) {
  if (impl_->places[index].powered == on) return;
  if (on) {
    impl_->restart(index);
  } else {
    impl_->kill(index, std::chrono::milliseconds(100));
  }
}

void World::set_disk_full(NodeIndex index, bool full) {
  impl_->host(index).store().set_accepts(!full);
}

void World::connect(NodeIndex a, NodeIndex b, const LinkModel& model) {
  CHASKI_ASSERT(a != b);
  const auto wire = static_cast<std::uint32_t>(impl_->wires.size());
  impl_->wires.push_back({.dialler = a, .other = b, .model = model, .connection = {}});
  impl_->places[a].wires.push_back(wire);
  impl_->places[b].wires.push_back(wire);
  impl_->plan_dial(wire, {});
}

void World::disconnect(NodeIndex a, NodeIndex b) {
  auto& own = impl_->places[a].wires;
  for (std::uint32_t number : std::vector<std::uint32_t>(own)) {
    Impl::Wire& wire = impl_->wires[number];
    const bool between =
        (wire.dialler == a && wire.other == b) || (wire.dialler == b && wire.other == a);
    if (!between) continue;
    wire.wanted = false;
    std::erase(impl_->places[a].wires, number);
    std::erase(impl_->places[b].wires, number);
    if (wire.connection) impl_->break_connection(*wire.connection, wire.model.notice_after);
  }
}

bool World::connected(NodeIndex a, NodeIndex b) const {
  for (std::uint32_t number : impl_->places[a].connections) {
    const Connection& c = impl_->connections[number];
    const bool between = (c.ends[0] == a && c.ends[1] == b) || (c.ends[0] == b && c.ends[1] == a);
    if (between && !c.broken && c.open[0] && c.open[1]) return true;
  }
  return false;
}

base::LinkId World::join(NodeIndex a, NodeIndex b, const LinkModel& model,
                         base::Duration opens_in) {
  CHASKI_ASSERT(a != b);
  Impl& w = *impl_;
  const std::uint32_t number = w.make_connection(a, b, model, Impl::kNoWire);
  w.plan(Event::Kind::open, w.now + opens_in + model.delay, number, 1);
  w.plan(Event::Kind::open, w.now + opens_in + 2 * model.delay, number, 0);
  return w.connections[number].link;
}

void World::part(base::LinkId link) {
  const auto number = impl_->connection_of(link);
  if (number) part(link, impl_->connections[*number].model.notice_after);
}

void World::part(base::LinkId link, base::Duration noticed_after) {
  const auto number = impl_->connection_of(link);
  if (number) impl_->break_connection(*number, noticed_after);
}

void World::on_link_ended(std::function<void(base::LinkId, NodeIndex end)> sink) {
  impl_->ended = std::move(sink);
}

std::size_t World::connection_places() const {
  return impl_->connections.size();
}

void World::set_companion(Companion& companion) {
  impl_->companion = &companion;
}

std::string World::name_of(NodeIndex index) {
  return "n" + std::to_string(index);
}

void World::introduce(NodeIndex a, NodeIndex b) {
  const auto local = [&](NodeIndex index) { return impl_->host(index).local(now()); };
  const auto settle = [&](NodeIndex index) {
    CHASKI_ASSERT(impl_->host(index).settle(impl_->now));
    impl_->plan_service(index, {});
  };
  for (NodeIndex index : {a, b})
    if (!node(index).identity()) {
      CHASKI_ASSERT(node(index).create_identity(name_of(index)).has_value());
      settle(index);
    }
  const auto add = [&](NodeIndex index, const std::string& link) {
    return node(index).add(link, "", local(index), impl_->host(index).wall(now()));
  };
  const auto link = node(a).invite(local(a));
  CHASKI_ASSERT(link.has_value());
  settle(a);
  const auto accepted = add(b, *link);
  CHASKI_ASSERT(accepted.has_value() && accepted->answer_link.has_value());
  settle(b);
  const std::string answer = accepted->answer_link.value_or(std::string());
  const auto answered = add(a, answer);
  CHASKI_ASSERT(answered.has_value());
  settle(a);
}

base::Expected<node::MessageId, node::PersonError> World::try_send(
    NodeIndex from, NodeIndex to, const std::string& text, const node::SendOptions& options) {
  NodeHost& host = impl_->host(from);
  const auto message =
      node(from).send(name_of(to), text, options, host.local(now()), host.wall(now()));
  if (!message) return base::unexpected(message.error());
  CHASKI_ASSERT(host.settle(now()));
  return message->id;
}

base::Expected<node::MessageId, node::PersonError> World::try_send_file(
    NodeIndex from, NodeIndex to, const node::FileOffer& offer,
    const std::function<void(base::MutableByteView piece)>& fill,
    const node::SendOptions& options) {
  NodeHost& host = impl_->host(from);
  const auto intake = node(from).begin_file(name_of(to), offer, options);
  if (!intake) return base::unexpected(intake.error());
  base::Bytes piece;
  while ((*intake)->missing() > 0) {
    piece.resize(std::min<std::uint64_t>((*intake)->missing(), 65'536));
    fill(piece);
    if (!(*intake)->add(piece)) return base::unexpected(node::PersonError::no_room_for_file);
  }
  const auto message = node(from).send_file(name_of(to), **intake, options, host.local(now()),
                                            host.wall(now()));
  if (!message) return base::unexpected(message.error());
  CHASKI_ASSERT(host.settle(now()));
  return message->id;
}

node::MessageId World::send(NodeIndex from, NodeIndex to, const std::string& text,
                            const node::SendOptions& options) {
  const auto message = try_send(from, to, text, options);
  CHASKI_ASSERT(message.has_value());
  return *message;
}

void World::begin_anew() {
  impl_->begin_anew();
}

base::Time World::now() const {
  return impl_->now;
}

base::Time World::time_at(NodeIndex index) const {
  return impl_->host(index).local(impl_->now);
}

void World::at(base::Time time, std::function<void()> action) {
  const std::uint32_t number = impl_->next_action++;
  impl_->actions.emplace(number, std::move(action));
  impl_->plan(Event::Kind::action, std::max(time, impl_->now), number);
}

void World::run_for(base::Duration duration) {
  impl_->run_until_time(impl_->now + duration);
}

bool World::run_until(const std::function<bool()>& done, base::Duration at_most) {
  const base::Time end = impl_->now + at_most;
  while (!done()) {
    if (impl_->now >= end) return false;
    impl_->run_until_time(std::min(end, impl_->now + kCheckEvery));
  }
  return true;
}

void World::run_until_idle(base::Duration at_most) {
  run_for(kCheckEvery);
  run_until(
      [this] {
        if (impl_->frames_in_flight > 0) return false;
        for (const Impl::Place& place : impl_->places)
          if (place.powered && (place.service_planned || !place.actor->idle())) return false;
        return true;
      },
      at_most);
}

std::uint64_t World::event_hash() const {
  return impl_->hash;
}
std::uint64_t World::events() const {
  return impl_->events;
}
std::uint64_t World::frames() const {
  return impl_->frames;
}
std::uint64_t World::frame_bytes() const {
  return impl_->frame_bytes;
}
std::uint64_t World::air_bytes() const {
  return impl_->air_bytes;
}
base::Random& World::random() {
  return impl_->random;
}

}  // namespace chaski::sim
