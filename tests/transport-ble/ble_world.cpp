// SPDX-License-Identifier: Apache-2.0
#include "ble_world.hpp"

#include <algorithm>
#include <string>

namespace chaski::transport_ble {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Neighbour neighbour_of(std::size_t i) {
  Neighbour neighbour;
  neighbour.bytes[0] = static_cast<std::uint8_t>(i + 1);
  return neighbour;
}

}  // namespace

BleWorld::BleWorld(std::size_t nodes, std::size_t budget, std::uint64_t seed) : random_(seed) {
  for (std::size_t i = 0; i < nodes; ++i) {
    nodes_.push_back(std::make_unique<Node>(budget, random_));
    nodes_[i]->held.bytes[0] = static_cast<std::uint8_t>(i + 1);
    after(soon(0, 2000), [this, i] { power(i, true, true); });
  }
  after(seconds(1), [this] { tick(); });
}

void BleWorld::after(base::Duration delay, std::function<void()> what) {
  events_.push({now_ + delay, next_order_++, std::move(what)});
}

base::Duration BleWorld::soon(int low_ms, int high_ms) {
  const auto span = static_cast<std::uint64_t>(high_ms) - static_cast<std::uint64_t>(low_ms) + 1;
  return milliseconds(low_ms + static_cast<int>(random_.below(span)));
}

void BleWorld::run(base::Duration duration) {
  const base::Time end = now_ + duration;
  while (!events_.empty() && events_.top().at <= end) {
    const Event event = events_.top();
    events_.pop();
    now_ = event.at;
    event.what();
  }
  now_ = end;
}

void BleWorld::power(std::size_t i, bool on, bool bluetoothd_too) {
  Node& node = *nodes_[i];
  ++node.generation;
  while (!node.links.empty()) part(i, node.links.begin()->first);
  node.powered = on;
  node.scanning = false;
  node.dialling.reset();
  node.on_air.reset();
  node.dialled.clear();
  using Adapter = BleLinkManager::Adapter;
  if (!on || bluetoothd_too) {
    node.manager.adapter(bluetoothd_too ? Adapter::kAbsent : Adapter::kOff, false, now_);
  }
  if (on) {
    node.manager.adapter(Adapter::kReady, false, now_);
    node.manager.wish({node.held, false, false, false}, now_);
  }
  pump(i);
}

void BleWorld::pump(std::size_t i) {
  Node& node = *nodes_[i];
  int given = 0;
  while (const auto command = node.manager.next_command(now_)) {
    check(i, "after a command");
    execute(i, *command);
    if (++given > 100) {
      violations.push_back("a hundred commands in one instant");
      return;
    }
  }
  check(i, "when quiet");
  if (const auto at = node.manager.next_wakeup(now_)) {
    if (*at <= now_) violations.push_back("a wake-up that is over");
    if (node.wake_at && *node.wake_at > now_ && *node.wake_at <= *at) return;
    node.wake_at = at;
    after(*at - now_, [this, i, at] {
      // One that was set later for earlier counts instead.
      if (nodes_[i]->wake_at != at) return;
      nodes_[i]->wake_at.reset();
      nodes_[i]->manager.wake(now_);
      pump(i);
    });
  }
}

void BleWorld::check(std::size_t i, const std::string& when) {
  Node& node = *nodes_[i];
  const auto say = [&](const std::string& what) {
    violations.push_back("node " + std::to_string(i) + " " + when + ": " + what);
  };
  if (node.manager.slots().size() > node.manager.slots().budget()) say("more slots than budget");
  if (node.manager.scanning() && node.manager.dialling()) say("dials and scans");
  const auto deadline = node.manager.pending().next_deadline();
  if (deadline && *deadline < now_) say("a command that is neither answered nor late");
  if (node.manager.pending().size() > 40) say("commands pile up");
}

void BleWorld::answer(std::size_t i, const Command& command, Answer answer, base::Duration delay) {
  if (chance(faults.answer_is_lost)) return;
  const auto generation = nodes_[i]->generation;
  after(delay, [this, i, command, answer, generation] {
    if (nodes_[i]->generation != generation) return;
    nodes_[i]->manager.answered(command.id, answer, now_);
    pump(i);
  });
}

void BleWorld::execute(std::size_t i, const Command& command) {
  Node& node = *nodes_[i];
  const base::Duration delay = soon(5, 200);
  const bool fails = chance(faults.command_fails);
  switch (command.verb) {
    case Verb::kStartScan:
      if (node.dialling) violations.push_back("a scan beside a dial");
      if (!fails) node.scanning = true;
      break;
    case Verb::kStopScan:
      node.scanning = false;
      break;
    case Verb::kAdvertise:
      if (fails) break;
      if (!node.on_air || node.on_air->datum.tag != command.datum.tag) {
        node.address = Device{next_address_++};
        owner_of_address_[node.address.value] = i;
      }
      node.on_air = command;
      break;
    case Verb::kWithdraw:
      node.on_air.reset();
      break;
    case Verb::kDial:
      dial(i, command);
      return;
    case Verb::kCallOff:
    case Verb::kHangUp:
      if (!fails) part(i, command.device);
      break;
    case Verb::kRemove:
      part(i, command.device);
      break;
    case Verb::kRegister:
      break;
  }
  answer(i, command, fails ? Answer::kFailed : Answer::kDone, delay);
}

void BleWorld::dial(std::size_t i, const Command& command) {
  Node& node = *nodes_[i];
  ++dials;
  if (node.scanning) violations.push_back("a dial beside a scan");
  if (node.dialling) violations.push_back("two dials");
  node.dialling = command.id;
  const std::size_t j = owner_of_address_.at(command.device.value);
  const auto generation = node.generation;
  const auto before = node.dialled.find(command.device);
  if (before != node.dialled.end() && now_ - before->second < kDialPauseMin) {
    violations.push_back("two dials to one device within five seconds");
  }
  node.dialled[command.device] = now_;
  const bool fails = chance(faults.command_fails);
  after(soon(100, 500), [this, i, j, command, generation, fails] {
    Node& here = *nodes_[i];
    if (here.generation != generation || here.dialling != command.id) return;
    const Node& there = *nodes_[j];
    const bool reachable =
        there.powered && there.on_air && there.address == command.device && !far_[key(i, j)];
    if (fails) {
      here.dialling.reset();
      answer(i, command, Answer::kFailed, milliseconds(1));
    } else if (reachable) {
      here.dialling.reset();
      join(i, j, command);
    }
    // Out of reach there is no answer: it has to be called off.
    pump(i);
  });
  after(kDialPatience + milliseconds(10), [this, i, command, generation] {
    Node& here = *nodes_[i];
    if (here.generation != generation || here.dialling != command.id) return;
    here.dialling.reset();
    answer(i, command, Answer::kFailed, milliseconds(50));
  });
}

void BleWorld::join(std::size_t i, std::size_t j, const Command& command) {
  Node& here = *nodes_[i];
  Node& there = *nodes_[j];
  if (here.links.contains(command.device) || !here.on_air) {
    answer(i, command, Answer::kFailed, milliseconds(1));
    return;
  }
  const Device back = here.address;
  if (there.links.contains(back)) {
    answer(i, command, Answer::kFailed, milliseconds(1));
    return;
  }
  here.links[command.device] = j;
  there.links[back] = i;
  answer(i, command, Answer::kDone, milliseconds(1));
  const bool taken = there.manager.connected(back, now_);
  if (taken) there.manager.said(back, here.manager.tag());
  pump(j);
  if (!taken) return;
  const Device forth = command.device;
  after(soon(200, 600), [this, i, j, forth, back] {
    Node& a = *nodes_[i];
    Node& b = *nodes_[j];
    if (!a.links.contains(forth) || !b.links.contains(back)) return;
    a.manager.authenticated(forth, neighbour_of(j), now_);
    b.manager.authenticated(back, neighbour_of(i), now_);
    Meeting& met = meetings_[key(i, j)];
    ++met.count;
    met.longest_gap = std::max(met.longest_gap, now_ - met.last);
    met.last = now_;
    if (!a.holds_its_own && !b.holds_its_own) {
      // They exchange all they hold and are then in sync.
      for (std::size_t k = 0; k < a.held.bytes.size(); ++k) {
        a.held.bytes[k] = b.held.bytes[k] = std::max(a.held.bytes[k], b.held.bytes[k]);
      }
      a.manager.wish({a.held, false, false, false}, now_);
      b.manager.wish({b.held, false, false, false}, now_);
    }
    a.manager.carried(forth, now_);
    b.manager.carried(back, now_);
    pump(i);
    pump(j);
  });
}

void BleWorld::part(std::size_t i, Device device) {
  Node& here = *nodes_[i];
  const auto link = here.links.find(device);
  if (link == here.links.end()) return;
  const std::size_t j = link->second;
  here.links.erase(link);
  const auto tell = [this](std::size_t who, Device whom) {
    if (chance(faults.disconnect_is_lost)) return;
    after(soon(1, 300), [this, who, whom] {
      // A link of the same two may be there again by then.
      if (nodes_[who]->links.contains(whom)) return;
      nodes_[who]->manager.disconnected(whom, now_);
      pump(who);
    });
  };
  tell(i, device);
  Node& there = *nodes_[j];
  for (auto it = there.links.begin(); it != there.links.end(); ++it) {
    const auto owner = owner_of_address_.find(it->first.value);
    if (it->second != i || owner == owner_of_address_.end()) continue;
    const Device back = it->first;
    there.links.erase(it);
    tell(j, back);
    break;
  }
}

void BleWorld::tick() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = *nodes_[i];
    if (chance(faults.power_goes)) {
      power(i, !node.powered || chance(0.5), chance(0.3));
    } else if (!node.powered && chance(0.2)) {
      power(i, true);
    }
    for (const auto& [device, j] : std::map(node.links)) {
      if (chance(faults.link_breaks) || far_[key(i, j)]) part(i, device);
    }
    if (!node.powered) continue;
    for (std::size_t j = 0; j < nodes_.size(); ++j) {
      const Node& speaker = *nodes_[j];
      if (i == j || far_[key(i, j)] || !node.scanning || !speaker.on_air || !chance(0.8)) continue;
      node.manager.heard(speaker.address, speaker.on_air->datum, -50, now_);
    }
    if (now_.time_since_epoch() / seconds(1) % 30 == static_cast<std::int64_t>(i)) {
      std::vector<Device> connected;
      for (const auto& [device, j] : node.links) connected.push_back(device);
      node.manager.reconcile(connected, now_);
    }
    pump(i);
  }
  after(seconds(1), [this] { tick(); });
}

void BleWorld::forget_meetings() {
  meetings_.clear();
  for (std::size_t a = 0; a < size(); ++a) {
    for (std::size_t b = a + 1; b < size(); ++b) meetings_[{a, b}].last = now_;
  }
}

std::string BleWorld::disagreement(std::size_t i) {
  Node& node = *nodes_[i];
  for (const auto& [device, slot] : node.manager.slots().all()) {
    if (slot.state == Slot::State::kOpen && !node.links.contains(device)) {
      return "a slot without a link";
    }
  }
  for (const auto& [device, j] : node.links) {
    if (!node.manager.slots().all().contains(device)) return "a link without a slot";
  }
  return "";
}

}  // namespace chaski::transport_ble
