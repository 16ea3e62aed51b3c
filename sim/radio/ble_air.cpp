// SPDX-License-Identifier: Apache-2.0
#include "sim/radio/ble_air.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace chaski::sim {

using transport_ble::Answer;
using Manager = transport_ble::BleLinkManager;

BleAir::BleAir(World& world, ContactSource& contacts, const BleParameters& parameters,
               std::uint64_t seed, Signals* signals)
    : world_(world), source_(contacts), parameters_(parameters), signals_(signals), random_(seed) {
  CHASKI_ASSERT(contacts.nodes() <= world.size());
  now_ = world.now();
  for (NodeIndex node = 0; node < world.size(); ++node) {
    adapters_.push_back(std::make_unique<BleAdapter>(parameters.slots, random_.next_u64()));
    plan(BleEvent::Kind::power_on, between({}, std::chrono::seconds(2)), node);
  }
  next_contact_ = source_.next();
  world_.set_companion(*this);
  world_.on_link_ended([this](base::LinkId link, NodeIndex end) { link_ended(link, end); });
}

BleAir::~BleAir() = default;

base::Time BleAir::next_time() const {
  const base::Time own = events_.next_time();
  return next_contact_ ? std::min(own, next_contact_->at) : own;
}

void BleAir::step(base::Time now) {
  now_ = now;
  if (next_contact_ && next_contact_->at <= events_.next_time()) {
    const ContactChange change = *next_contact_;
    next_contact_ = source_.next();
    contact(change);
    return;
  }
  happen(events_.pop());
}

void BleAir::happen(const BleEvent& event) {
  BleAdapter& adapter = *adapters_[event.node];
  switch (event.kind) {
    case BleEvent::Kind::hear:
      hear(event.node, event.other);
      break;
    case BleEvent::Kind::answer:
      adapter.manager.answered(event.value, static_cast<Answer>(event.other), now_);
      pump(event.node);
      break;
    case BleEvent::Kind::connect:
      arrive(event);
      break;
    case BleEvent::Kind::give_up:
      if (!adapter.dial || adapter.dial->id != event.value) break;
      fail_dial(event.node);
      break;
    case BleEvent::Kind::lost: {
      const auto number = static_cast<std::uint32_t>(event.value);
      const Connection& connection = connections_[number];
      const bool same = connection.generation == event.value >> 32;
      if (same && connection.up && !connection.in_range) drop(number);
      break;
    }
    case BleEvent::Kind::wake:
      if (adapter.wake_at != now_) break;  // another was planned for earlier
      adapter.wake_at = base::Time::max();
      wish(event.node);
      adapter.manager.wake(now_);
      pump(event.node);
      break;
    case BleEvent::Kind::power_on:
      if (world_.powered(event.node)) set_power(event.node, true);
      break;
  }
}

void BleAir::contact(const ContactChange& change) {
  BleAdapter& a = *adapters_[change.a];
  BleAdapter& b = *adapters_[change.b];
  if (change.up) {
    ++contacts_begun_;
    if (a.add(change.b)) plan_hearing(change.a, *a.find(change.b));
    if (b.add(change.a)) plan_hearing(change.b, *b.find(change.a));
    return;
  }
  a.remove(change.b);
  b.remove(change.a);
  leave_range(change.a, change.b);
}

void BleAir::leave_range(NodeIndex a, NodeIndex b) {
  for (const std::uint32_t number : adapters_[a]->connections) {
    Connection& connection = connections_[number];
    if (connection.ends[0] == b || connection.ends[1] == b) out_of_range(number);
  }
}

void BleAir::out_of_range(std::uint32_t number) {
  Connection& connection = connections_[number];
  if (!std::exchange(connection.in_range, false)) return;
  if (connection.link) world_.part(*connection.link, parameters_.supervision);
  const std::uint64_t name = std::uint64_t{connection.generation} << 32 | number;
  plan(BleEvent::Kind::lost, parameters_.supervision, connection.ends[0], connection.ends[1], name);
}

void BleAir::set_silent(NodeIndex node, bool silent) {
  now_ = world_.now();
  BleAdapter& adapter = *adapters_[node];
  adapter.silent = silent;
  if (silent && adapter.powered) {
    for (const std::uint32_t number : adapter.connections) out_of_range(number);
    switch_adapter(node, false);
    pump(node);
  }
  if (!silent && adapter.turned_on) start(node);
}

void BleAir::set_power(NodeIndex node, bool on) {
  now_ = world_.now();
  BleAdapter& adapter = *adapters_[node];
  adapter.turned_on = on;
  if (on) {
    if (!adapter.silent) start(node);
    return;
  }
  if (adapter.powered) switch_adapter(node, false);
  while (!adapter.connections.empty()) drop(adapter.connections.back());
  pump(node);
}

void BleAir::start(NodeIndex node) {
  if (adapters_[node]->powered) return;
  switch_adapter(node, true);
  wish(node);
  pump(node);
}

void BleAir::switch_adapter(NodeIndex node, bool on) {
  BleAdapter& adapter = *adapters_[node];
  adapter.powered = on;
  // Before its connections go: who is off gives no commands.
  const auto state = on ? Manager::Adapter::kReady : Manager::Adapter::kOff;
  adapter.manager.adapter(state, true, now_);
  if (!on) {
    adapter.stop_scanning(now_);
    adapter.stop_advertising(now_);
    adapter.stop_dialling(now_);
  }
}

void BleAir::set_on_battery(NodeIndex node, bool on_battery) {
  adapters_[node]->on_battery = on_battery;
}

void BleAir::wish(NodeIndex node) {
  BleAdapter& adapter = *adapters_[node];
  if (!world_.powered(node)) return;
  const auto wishes = adapter.wishes.look(world_.held_sum(node), false, adapter.on_battery, now_);
  if (wishes) adapter.manager.wish(*wishes, now_);
}

void BleAir::served(NodeIndex node, base::Time now) {
  now_ = now;
  BleAdapter& adapter = *adapters_[node];
  if (!adapter.powered) return;
  const auto wishes = adapter.wishes.look(world_.held_sum(node), false, adapter.on_battery, now_);
  if (!wishes) return;
  adapter.manager.wish(*wishes, now_);
  pump(node);
}

double BleAir::sends(base::LinkId link, base::Time now) {
  const auto found = signals_ == nullptr ? by_link_.end() : by_link_.find(link.value);
  if (found == by_link_.end()) return 1;
  const auto ends = connections_[found->second].ends;
  return sends_per_packet(signals_->signal_dbm(ends[0], ends[1], now) -
                          signals_->sensitivity_dbm());
}

void BleAir::sent(base::LinkId /*link*/, NodeIndex from, NodeIndex to, std::uint64_t bytes,
                  bool heard, base::Time /*now*/) {
  adapters_[from]->use.bytes += bytes;
  if (heard) adapters_[to]->use.bytes += bytes;
}

void BleAir::carried(base::LinkId link, NodeIndex /*from*/, NodeIndex /*to*/, std::size_t bytes,
                     base::Time now) {
  now_ = now;
  const auto found = by_link_.find(link.value);
  if (found == by_link_.end() || bytes < transport_ble::kCarriesFrom) return;
  const Connection& connection = connections_[found->second];
  adapters_[connection.ends[0]]->manager.carried(connection.as[1], now);
  adapters_[connection.ends[1]]->manager.carried(connection.as[0], now);
}

void BleAir::node_event(NodeIndex node, const node::NodeEvent& event) {
  const auto* opened = std::get_if<node::LinkOpened>(&event);
  if (opened == nullptr) return;
  const auto found = by_link_.find(opened->link.value);
  if (found == by_link_.end()) return;
  now_ = world_.now();
  const Connection& connection = connections_[found->second];
  const std::size_t end = connection.ends[0] == node ? 0 : 1;
  transport_ble::Neighbour neighbour;
  const auto& key = opened->neighbour.bytes;
  static_assert(sizeof(key) == sizeof(neighbour.bytes));
  std::copy(key.begin(), key.end(), neighbour.bytes.begin());
  if (end == 0) ++adapters_[node]->use.links;
  adapters_[node]->manager.authenticated(connection.as[1 - end], neighbour, now_);
  pump(node);
}

void BleAir::link_ended(base::LinkId link, NodeIndex end) {
  const auto found = by_link_.find(link.value);
  if (found == by_link_.end()) return;
  now_ = world_.now();
  const Connection& connection = connections_[found->second];
  if (!connection.in_range) return;  // the controllers notice by themselves
  adapters_[end]->manager.close(connection.as[connection.ends[0] == end ? 1 : 0], now_);
  pump(end);
}

BleUse BleAir::use(NodeIndex node) {
  now_ = world_.now();
  BleAdapter& adapter = *adapters_[node];
  // What goes on is counted as far as it has come.
  if (adapter.scanning) {
    adapter.stop_scanning(now_);
    adapter.scanning = true;
    adapter.scanning_since = now_;
  }
  if (const auto dial = adapter.dial) {
    adapter.stop_dialling(now_);
    adapter.dial = dial;
    adapter.dialling_since = now_;
  }
  if (const auto on_air = adapter.on_air) {
    adapter.stop_advertising(now_);
    adapter.on_air = on_air;
    adapter.on_air_since = now_;
  }
  BleUse use = adapter.use;
  for (const std::uint32_t number : adapter.connections) {
    use.connected_s += std::chrono::duration<double>(now_ - connections_[number].since).count();
  }
  return use;
}

BleUse BleAir::use() {
  BleUse all;
  for (NodeIndex node = 0; node < adapters_.size(); ++node) all += use(node);
  return all;
}

void BleAir::hear(NodeIndex node, NodeIndex other) {
  BleAdapter& adapter = *adapters_[node];
  InRange* near = adapter.find(other);
  if (near == nullptr || near->next_hearing != now_) return;  // gone, or heard at another time
  near->next_hearing = base::Time::max();
  const BleAdapter& speaker = *adapters_[other];
  if (!adapter.scanning || !speaker.on_air) return;
  if (lost(node, other, kAdvertisementBytes)) return plan_hearing(node, *near);
  near->heard_at = now_;
  near->heard_version = speaker.version;
  ++adapter.use.heard;
  const int strength = rssi(node, other);
  plan_hearing(node, *near);
  adapter.manager.heard(speaker.address, speaker.on_air->datum, strength, now_);
  pump(node);
}

int BleAir::rssi(NodeIndex a, NodeIndex b) {
  // As the HCI has it.
  if (signals_ != nullptr) {
    return static_cast<int>(std::clamp(std::round(signals_->signal_dbm(a, b, now_)), -127.0, 20.0));
  }
  const auto span = static_cast<std::uint64_t>(parameters_.rssi_dbm_max - parameters_.rssi_dbm_min);
  return static_cast<int>(parameters_.rssi_dbm_min) + static_cast<int>(random_.below(span + 1));
}

bool BleAir::lost(NodeIndex a, NodeIndex b, std::uint32_t bytes) {
  if (signals_ == nullptr) return false;
  const double margin_db = signals_->signal_dbm(a, b, now_) - signals_->sensitivity_dbm();
  return random_.unit() < packet_loss(margin_db, bytes);
}

/// When the other is heard next, if nothing changes until then.
void BleAir::plan_hearing(NodeIndex node, InRange& near) {
  const BleAdapter& adapter = *adapters_[node];
  const BleAdapter& speaker = *adapters_[near.other];
  if (!adapter.scanning || !speaker.on_air) return;
  const auto& every = speaker.on_air->interval;
  const double every_ms = std::chrono::duration<double, std::milli>(every).count();
  const double crowd = static_cast<double>(adapter.near.size());
  const double heard =
      parameters_.heard_share * std::exp(-parameters_.collisions * (crowd - 1) / every_ms);
  const double missed = std::floor(std::log1p(-random_.unit()) / std::log1p(-heard));
  const double jitter_ms =
      std::chrono::duration<double, std::milli>(parameters_.advertising_jitter).count() / 2;
  // In a crowd in which next to nothing is heard, an hour stands for never.
  constexpr double kNever_ms = 3.6e6;
  double after_ms = random_.unit() * every_ms + missed * (every_ms + jitter_ms);
  if (!(after_ms < kNever_ms)) after_ms = kNever_ms;
  const bool known = near.heard_version == speaker.version;
  const base::Time from = known ? std::max(now_, near.heard_at + kHeardAgain) : now_;
  const base::Time at = from + base::Duration(static_cast<std::int64_t>(after_ms * 1'000) + 1);
  if (near.next_hearing <= at) return;
  near.next_hearing = at;
  BleEvent event;
  event.at = at;
  event.node = node;
  event.other = near.other;
  event.kind = BleEvent::Kind::hear;
  events_.push(event);
}

void BleAir::plan_hearing_of(NodeIndex speaker) {
  for (const InRange& near : adapters_[speaker]->near) {
    plan_hearing(near.other, *adapters_[near.other]->find(speaker));
  }
}

base::Duration BleAir::between(base::Duration min, base::Duration max) {
  const auto span = static_cast<std::uint64_t>((max - min).count()) + 1;
  return min + base::Duration(static_cast<std::int64_t>(random_.below(span)));
}

void BleAir::plan(BleEvent::Kind kind, base::Duration delay, NodeIndex node, NodeIndex other,
                  std::uint64_t value) {
  BleEvent event;
  event.at = now_ + delay;
  event.value = value;
  event.node = node;
  event.other = other;
  event.kind = kind;
  events_.push(event);
}

}  // namespace chaski::sim
