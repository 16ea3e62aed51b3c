// SPDX-License-Identifier: Apache-2.0
#include "bluez_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace chaski::transport_ble {
namespace {

// A dial, its calling off and the removal of its device.
constexpr base::Duration kDialMax = kDialPatience + kCallOffPatience + kCommandPatience;
constexpr std::uint64_t kFirstNewcomer = 0xC00000000000;

}  // namespace

BluezWorld::BluezWorld(FakeBus::Policy policy, std::uint64_t seed, std::size_t budget)
    : bus(policy), random(seed), budget_(budget) {
  BluezRadio::Events events;
  events.now = [this] { return time.now(); };
  events.wanted = [](const std::string&) { return true; };
  events.of = [this](const std::string& name) { return events_of(name); };
  events.state = [](const std::string&, const AdapterState&) {};
  events.gone = [this](const std::string& name) {
    ++gone;
    for (const auto& [device, link] : links[name]) {
      if (link) wrongs.insert(name + " is gone, a link of it is not");
    }
  };
  events.problem = [this](const std::string& words) { problem = words; };
  radio = std::make_shared<BluezRadio>(io, budget, random, std::move(events));
  radio->start();
}

BluezWorld::~BluezWorld() {
  radio->stop();
  settle();
  for (const auto& [name, of_adapter] : links) {
    for (const auto& [device, link] : of_adapter) EXPECT_FALSE(link) << name << " leaks a link";
  }
  for (const auto& wrong : wrongs) ADD_FAILURE() << wrong;
  for (const auto& wrong : bluez.wrongs()) ADD_FAILURE() << wrong;
}

BluezAdapter::Events BluezWorld::events_of(const std::string& name) {
  BluezAdapter::Events events;
  events.now = [this] { return time.now(); };
  events.heard = [](Device, const Datum&, int) {};
  events.connected = [this, name](Device device) {
    ++connections;
    if (std::exchange(links[name][device], true)) wrongs.insert("connected twice, " + name);
  };
  events.disconnected = [this, name](Device device) {
    if (!std::exchange(links[name][device], false)) wrongs.insert("disconnected twice, " + name);
  };
  events.resolved = [](Device) {};
  events.lane = [](Device, std::unique_ptr<FramePipe>) {};
  events.failed = [this](const Command&, const std::string& error) { failures.push_back(error); };
  return events;
}

void BluezWorld::settle() {
  constexpr int kRoundsMax = 20'000, kQuietRounds = 2;
  int quiet = 0;
  for (int round = 0; round < kRoundsMax && quiet < kQuietRounds; ++round) {
    io.restart();
    quiet = io.poll() > 0 ? 0 : quiet + 1;
    bus.fence();
  }
  if (quiet < kQuietRounds) wrongs.insert("it never comes to rest");
  look();
}

void BluezWorld::kick() {
  // Asio asks the kernel to wake it, whose time is the real one; a timer before all others makes it
  // look at its own.
  auto timer = std::make_shared<boost::asio::steady_timer>(io);
  timer->expires_at(boost::asio::steady_timer::time_point::min());
  timer->async_wait([timer](const boost::system::error_code&) {});
}

void BluezWorld::run(base::Duration duration, base::Duration step) {
  for (base::Duration done{0}; done < duration; done += step) {
    time.advance(std::min(step, duration - done));
    kick();
    settle();
  }
}

bool BluezWorld::until(const std::function<bool()>& so, base::Duration patience) {
  settle();
  for (base::Duration done{0}; !so() && done < patience; done += kStep) run(kStep);
  return so();
}

void BluezWorld::look() {
  // One may end and the next begin between two looks.
  if (std::exchange(dials_, bluez.calls("Connect")) != bluez.calls("Connect")) {
    dialling_since_.clear();
  }
  for (const char* name : {"hci0", "hci1", "hci2"}) {
    if (!has(name)) {
      dialling_since_.erase(name);
      continue;
    }
    const auto& here = manager(name);
    const auto now = time.now();
    if (here.slots().size() > budget_) wrongs.insert(std::string("too many slots on ") + name);
    const auto deadline = here.pending().next_deadline();
    if (deadline && *deadline + slack < now) {
      wrongs.insert(std::string("a command is later than its patience on ") + name);
    }
    if (!here.dialling()) {
      dialling_since_.erase(name);
    } else if (dialling_since_.try_emplace(name, now).first->second + kDialMax + kStep + slack <
               now) {
      wrongs.insert(std::string("a dial does not end on ") + name);
    }
  }
}

BleLinkManager& BluezWorld::manager(const std::string& adapter) {
  return radio->find(adapter)->manager();
}

bool BluezWorld::advertises(const std::string& name) {
  if (!has(name) || !bluez.has(name) || bluez.adapter(name).advertisements.size() != 1)
    return false;
  const auto& said = bluez.adapter(name).advertisements.begin()->second;
  const auto datum = parse_datum(said.datum);
  return datum && datum->tag == manager(name).tag() && said.uuids.size() == 1 &&
         said.uuids[0] == kServiceUuid;
}

bool BluezWorld::scans(const std::string& name) {
  return has(name) && bluez.has(name) && !bluez.adapter(name).scanning.empty();
}

std::vector<std::uint8_t> BluezWorld::worth(std::uint64_t address) {
  Datum datum;
  for (std::size_t i = 0; i < 4; ++i) {
    datum.tag.bytes[i] = static_cast<std::uint8_t>(address >> (8 * (3 - i)));
  }
  datum.tag.bytes[0] = 0xFF;
  datum.tag.bytes[1] = static_cast<std::uint8_t>(address >> 32);
  datum.print.bytes = {1, 2, 3};
  const auto out = encode(datum);
  return {out.begin(), out.end()};
}

bool BluezWorld::meets_a_newcomer(const std::string& name, base::Duration patience) {
  const auto address = kFirstNewcomer + ++newcomers_;
  return until(
      [&] {
        if (bluez.connected(name, address)) return true;
        bluez.hear(name, address, worth(address));
        return false;
      },
      patience);
}

bool BluezWorld::works(const std::string& name, std::chrono::minutes patience) {
  return until([&] { return advertises(name); }, patience) &&
         until([&] { return scans(name); }, patience) && meets_a_newcomer(name, patience);
}

std::size_t BluezWorld::open(const std::string& adapter) const {
  const auto found = links.find(adapter);
  if (found == links.end()) return 0;
  return static_cast<std::size_t>(std::count_if(found->second.begin(), found->second.end(),
                                                [](const auto& item) { return item.second; }));
}

}  // namespace chaski::transport_ble
