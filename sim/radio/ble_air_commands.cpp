// SPDX-License-Identifier: Apache-2.0
// What managers want, carried out.
#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "sim/radio/ble_air.hpp"

namespace chaski::sim {

using transport_ble::Answer;
using transport_ble::Verb;

void BleAir::pump(NodeIndex node) {
  BleAdapter& adapter = *adapters_[node];
  // What a command leads to at once belongs to the turn that gave it.
  if (std::exchange(adapter.pumping, true)) return;
  while (const auto command = adapter.manager.next_command(now_)) execute(node, *command);
  adapter.pumping = false;
  base::Time at = base::Time::max();
  if (const auto wakeup = adapter.manager.next_wakeup(now_)) at = *wakeup;
  // Who is off wishes nothing, and would go on wishing to end the hurry.
  const bool wishes = adapter.powered && world_.powered(node);
  const auto hurry = adapter.wishes.hurry_ends();
  if (wishes && hurry) at = std::min(at, *hurry);
  if (at == base::Time::max() || at >= adapter.wake_at) return;
  adapter.wake_at = std::max(at, now_ + std::chrono::microseconds(1));
  plan(BleEvent::Kind::wake, adapter.wake_at - now_, node);
}

void BleAir::execute(NodeIndex node, const Command& command) {
  BleAdapter& adapter = *adapters_[node];
  switch (command.verb) {
    case Verb::kRegister:
      break;
    case Verb::kStartScan:
      set_scanning(node, true);
      break;
    case Verb::kStopScan:
      set_scanning(node, false);
      break;
    case Verb::kAdvertise:
      advertise(node, command);
      break;
    case Verb::kWithdraw:
      adapter.stop_advertising(now_);
      break;
    case Verb::kDial:
      dial(node, command);
      return;  // answered when it ends
    case Verb::kCallOff:
    case Verb::kHangUp:
    case Verb::kRemove:
      if (adapter.dial && adapter.dial->device == command.device) {
        fail_dial(node);
      }
      hang_up(node, command.device);
      break;
  }
  answer(node, command.id, Answer::kDone, between({}, kAnswerMax));
}

void BleAir::answer(NodeIndex node, std::uint64_t command, Answer answer, base::Duration delay) {
  plan(BleEvent::Kind::answer, delay, node, static_cast<NodeIndex>(answer), command);
}

void BleAir::set_scanning(NodeIndex node, bool on) {
  BleAdapter& adapter = *adapters_[node];
  if (!on) return adapter.stop_scanning(now_);
  if (adapter.scanning) return;
  adapter.scanning = true;
  adapter.scanning_since = now_;
  for (InRange& near : adapter.near) plan_hearing(node, near);
}

void BleAir::advertise(NodeIndex node, const Command& command) {
  BleAdapter& adapter = *adapters_[node];
  const bool same = adapter.on_air && adapter.on_air->datum.tag == command.datum.tag;
  adapter.stop_advertising(now_);
  // The address changes with the tag (ble.md, 3.3).
  if (!same) {
    owners_.push_back(node);
    adapter.address = Device{owners_.size()};
  }
  adapter.on_air = command;
  adapter.on_air_since = now_;
  ++adapter.version;
  plan_hearing_of(node);
}

void BleAir::dial(NodeIndex node, const Command& command) {
  BleAdapter& adapter = *adapters_[node];
  adapter.dial = command;
  adapter.dialling_since = now_;
  ++adapter.use.dials;
  plan(BleEvent::Kind::connect, between(parameters_.connect_min, parameters_.connect_max), node, 0,
       command.id);
  plan(BleEvent::Kind::give_up, transport_ble::kDialPatience + std::chrono::milliseconds(10), node,
       0, command.id);
}

void BleAir::fail_dial(NodeIndex node) {
  BleAdapter& adapter = *adapters_[node];
  const Command dialled = *adapter.dial;
  adapter.stop_dialling(now_);
  ++adapter.use.dials_failed;
  hear_afresh(node, owners_[dialled.device.value - 1]);
  answer(node, dialled.id, Answer::kFailed, {});
}

/// Its next advertisement counts as news.
void BleAir::hear_afresh(NodeIndex node, NodeIndex other) {
  InRange* near = adapters_[node]->find(other);
  if (near == nullptr) return;
  near->heard_version = 0;
  plan_hearing(node, *near);
}

void BleAir::arrive(const BleEvent& event) {
  BleAdapter& adapter = *adapters_[event.node];
  if (!adapter.dial || adapter.dial->id != event.value) return;  // called off
  const Device device = adapter.dial->device;
  const NodeIndex other = owners_[device.value - 1];
  BleAdapter& there = *adapters_[other];
  const InRange* near = adapter.find(other);
  const bool heard = near != nullptr && there.powered && there.on_air && there.address == device;
  const auto with = [&](std::uint32_t number) {
    const Connection& connection = connections_[number];
    return connection.ends[0] == other || connection.ends[1] == other;
  };
  const bool connected = std::any_of(adapter.connections.begin(), adapter.connections.end(), with);
  const bool full = adapter.connections.size() >= parameters_.connections_max;
  if (connected || full || random_.unit() < parameters_.connect_fails ||
      (heard && lost(event.node, other, kConnectBytes))) {
    fail_dial(event.node);
    return;
  }
  // Otherwise BlueZ says nothing until it is called off.
  if (!heard || there.connections.size() >= parameters_.connections_max) return;
  adapter.stop_dialling(now_);
  // Before the other end may hang up.
  adapter.manager.answered(event.value, Answer::kDone, now_);
  connect(event.node, other, device);
  pump(event.node);
}

void BleAir::connect(NodeIndex dialler, NodeIndex other, Device device) {
  BleAdapter& adapter = *adapters_[dialler];
  BleAdapter& there = *adapters_[other];
  if (free_connections_.empty()) {
    free_connections_.push_back(static_cast<std::uint32_t>(connections_.size()));
    connections_.emplace_back();
  }
  const std::uint32_t number = free_connections_.back();
  free_connections_.pop_back();
  if (adapter.address == Device{}) {
    owners_.push_back(dialler);
    adapter.address = Device{owners_.size()};
  }
  Connection& connection = connections_[number];
  connection.ends = {dialler, other};
  connection.as = {adapter.address, device};
  connection.since = now_;
  connection.up = connection.in_range = true;
  adapter.connections.push_back(number);
  there.connections.push_back(number);

  const Device back = connection.as[0];
  if (there.manager.connected(back, now_)) {
    there.manager.said(back, adapter.manager.tag());
    InRange& near = *adapter.find(other);
    const bool known = std::exchange(near.dialled, device) == device;
    const base::Duration opens_in =
        known ? between(parameters_.known_min, parameters_.known_max)
              : between(parameters_.discovery_min, parameters_.discovery_max);
    LinkModel model;
    model.delay = parameters_.latency;
    model.bytes_per_s = parameters_.goodput_bytes_per_s;
    model.frame_size_max = parameters_.frame_size_max;
    model.kind = base::TransportKind::ble;
    model.shares_radio = true;
    model.notice_after = parameters_.supervision;
    connection.link = world_.join(dialler, other, model, opens_in);
    by_link_.emplace(connection.link->value, number);
  }
  pump(other);
}

void BleAir::hang_up(NodeIndex node, Device device) {
  for (const std::uint32_t number : adapters_[node]->connections) {
    const Connection& connection = connections_[number];
    const std::size_t end = connection.ends[0] == node ? 0 : 1;
    if (connection.as[1 - end] == device) return drop(number);
  }
}

void BleAir::drop(std::uint32_t number) {
  Connection& connection = connections_[number];
  CHASKI_ASSERT(connection.up);
  connection.up = false;
  if (connection.link) {
    by_link_.erase(connection.link->value);
    world_.part(*std::exchange(connection.link, std::nullopt), std::chrono::milliseconds(1));
  }
  ++connection.generation;
  free_connections_.push_back(number);
  const auto ends = connection.ends;
  const auto as = connection.as;
  const double lasted = std::chrono::duration<double>(now_ - connection.since).count();
  for (const std::size_t end : {0u, 1u}) {
    BleAdapter& adapter = *adapters_[ends[end]];
    std::erase(adapter.connections, number);
    adapter.use.connected_s += lasted;
    adapter.manager.disconnected(as[1 - end], now_);
  }
  hear_afresh(ends[0], ends[1]);
  hear_afresh(ends[1], ends[0]);
  pump(ends[0]);
  pump(ends[1]);
}

}  // namespace chaski::sim
