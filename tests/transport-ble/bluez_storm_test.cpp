// SPDX-License-Identifier: Apache-2.0
// Afraid of: what nobody thought of, all at once: lost answers, late ones, adapters that are pulled
// out while they dial, a bus that dies under it. CHASKI_SEED replays one storm, CHASKI_SEEDS says
// how many there are.
#include <gtest/gtest.h>

#include "bluez_world.hpp"
#include "tests/seeds.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Call = FakeBluez::Call;
using Manner = FakeBluez::Manner;

constexpr std::uint64_t kPeers = 12, kFirstPeer = 0xC0FFEE000001, kHeadset = 0xC0DD00000001;
constexpr std::size_t kBudget = 3;
constexpr const char* kErrors[] = {"org.bluez.Error.Failed",
                                   "org.bluez.Error.InProgress",
                                   "org.bluez.Error.NotReady",
                                   "org.bluez.Error.NotPermitted",
                                   "org.bluez.Error.AlreadyExists",
                                   "org.example.Error.New",
                                   "org.freedesktop.DBus.Error.AccessDenied"};

/// One storm over two adapters; everything in it is drawn from the seed.
class Storm {
 public:
  explicit Storm(std::uint64_t seed) : world(FakeBus::Policy::kAllow, seed, kBudget), draw(seed) {
    world.bluez.reach = [this](std::uint64_t) -> std::optional<base::Duration> {
      if (draw.unit() < 0.3) return std::nullopt;
      return std::chrono::milliseconds(draw.below(3'000));
    };
  }

  void rage(int turns) {
    world.slack = minutes(1);
    world.bluez.manner = [this](const Call& call) { return manner(call); };
    for (int i = 0; i < turns; ++i) {
      for (std::uint64_t actions = draw.below(4); actions > 0; --actions) act();
      if (draw.unit() < 0.5) world.settle();
      if (draw.unit() < 0.02) world.time.suspend(seconds(draw.below(60)));
      world.run(std::chrono::milliseconds(1 + draw.below(4'000)), seconds(1));
      if (world.radio) owner();
    }
  }

  void calm() {
    world.bluez.manner = [](const Call&) { return Manner{}; };
    world.bluez.reach = [](std::uint64_t) { return std::chrono::milliseconds(200); };
    bus_and_bluetoothd();
    for (const char* name : {"hci0", "hci1"}) {
      if (!world.bluez.has(name)) world.bluez.plug(name);
      world.bluez.power(name, true);
    }
    world.run(minutes(1));
    world.slack = {};
  }

  BluezWorld world;

 private:
  Manner manner(const Call& call) {
    Manner how;
    const double what = draw.unit();
    if (what < 0.08) {
      how.error = kErrors[draw.below(std::size(kErrors))];
      // Of the others it would be a lie: BlueZ refuses for them only to stop what does not run.
      if (call.member == "StopDiscovery") how.error = "org.bluez.Error.InProgress";
    } else if (what < 0.12) {
      how.answers = false;
      how.acts = draw.below(2) == 0;
    } else if (what < 0.16) {
      how.answer_after = std::chrono::milliseconds(draw.below(15'000));
    } else if (what < 0.18) {
      how.after = std::chrono::milliseconds(draw.below(15'000));
    }
    return how;
  }

  std::uint64_t peer() { return kFirstPeer + draw.below(kPeers); }
  std::string some_adapter() { return "hci" + std::to_string(draw.below(2)); }

  void bus_and_bluetoothd() {
    if (!world.bus.running()) world.bus.start();
    if (world.bluez.bus().here()) return;
    world.bluez.go();
    world.bluez.come();
  }

  void act() {
    const auto name = some_adapter();
    const auto what = draw.below(100);
    if (what < 3) {
      world.bus.die();
      world.bluez.go();
    } else if (what < 6) {
      world.bluez.go();
    } else if (what < 25) {
      bus_and_bluetoothd();
    } else if (!world.bluez.bus().here()) {
      return;
    } else if (!world.bluez.has(name)) {
      world.bluez.plug(name, draw.below(4) > 0);
    } else if (what < 29) {
      world.bluez.unplug(name, draw.below(2) == 0);
      if (draw.below(2) == 0) world.bluez.plug(name);
    } else if (what < 35) {
      world.bluez.power(name, draw.below(3) > 0);
    } else if (what < 45) {
      world.bluez.connect_in(name, peer(),
                             draw.below(2) == 0 ? std::vector<std::string>{kServiceUuid}
                                                : std::vector<std::string>{"1800"});
    } else if (what < 52) {
      world.bluez.drop(name, peer());
    } else if (what < 56) {
      world.bluez.forget(name, peer());
    } else if (what < 58) {
      nonsense(name);
    } else {
      for (std::uint64_t i = 0; i < kPeers; ++i) {
        if (draw.below(2) == 0) world.bluez.hear(name, kFirstPeer + i, datum(kFirstPeer + i));
      }
    }
  }

  std::vector<std::uint8_t> datum(std::uint64_t address) {
    auto bytes = BluezWorld::worth(address);
    if (draw.below(20) == 0) bytes.resize(draw.below(31));
    if (draw.below(4) == 0 && bytes.size() > 1) bytes[1] = 0;  // the smaller tag: it should dial us
    return bytes;
  }

  void nonsense(const std::string& name) {
    const BusValue what[] = {text("x"), boolean(true), bytes({1}),
                             properties({{"RSSI", text("")}})};
    world.bluez.bus().signal(FakeBluez::device_path(name, peer()),
                             "org.freedesktop.DBus.Properties", "PropertiesChanged",
                             {text(kDeviceInterface), what[draw.below(4)], what[draw.below(4)]});
  }

  /// What the owner of the transport does with its links.
  void owner() {
    for (const auto& [name, of_adapter] : world.links) {
      for (const auto& [device, open] : of_adapter) {
        if (!open || draw.below(4) > 0) continue;
        const auto adapter = world.radio->find(name);
        ASSERT_NE(adapter, nullptr) << "a link without an adapter";
        const auto now = world.time.now();
        if (draw.below(3) > 0) {
          adapter->manager().authenticated(device, draw.bytes<Neighbour>(), now);
          adapter->manager().carried(device, now);
        } else {
          adapter->manager().close(device, now);
        }
        adapter->turn();
      }
    }
    const auto adapter = world.radio->find(some_adapter());
    if (adapter == nullptr || draw.below(10) > 0) return;
    BleLinkManager::Wishes wishes;
    wishes.held = draw.bytes<Digest>();
    wishes.asking = draw.below(4) == 0;
    wishes.waiting = draw.below(2) == 0;
    adapter->manager().wish(wishes, world.time.now());
    if (draw.below(4) == 0) adapter->manager().rotate(world.time.now());
    adapter->turn();
  }

  base::SeededRandom draw;
};

/// What is connected and has no slot, or has a slot and is not connected.
std::string disagreement(BluezWorld& world, const std::string& name) {
  std::set<std::uint64_t> slots;
  for (const auto& [device, slot] : world.manager(name).slots().all()) {
    if (slot.state != Slot::State::kDialling) slots.insert(device.value & 0xFFFFFFFFFFFF);
  }
  std::string out;
  const auto connected = world.bluez.connected_all(name);
  for (const auto address : slots) {
    if (!connected.contains(address)) out += " a slot is of nobody;";
  }
  for (const auto& [device, open] : world.links[name]) {
    if (open && !connected.contains(device.value & 0xFFFFFFFFFFFF)) out += " a link is not there;";
    if (open && !slots.contains(device.value & 0xFFFFFFFFFFFF)) out += " a link has no slot;";
  }
  return out;
}

TEST(BluezStorm, AfterAnyStormItAdvertisesScansAndDials) {
  for (const auto seed : test::seeds(12)) {
    SCOPED_TRACE("CHASKI_SEED=" + std::to_string(seed));
    Storm storm(seed);
    storm.rage(250);
    storm.calm();
    for (const char* name : {"hci0", "hci1"}) {
      SCOPED_TRACE(name);
      EXPECT_TRUE(storm.world.works(name));
      storm.world.bluez.connect_in(name, kHeadset);
      storm.world.run(minutes(1));
      EXPECT_EQ(disagreement(storm.world, name), "");
      EXPECT_TRUE(storm.world.bluez.connected(name, kHeadset)) << "it is none of ours";
    }
    EXPECT_EQ(storm.world.problem, "");
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace chaski::transport_ble
