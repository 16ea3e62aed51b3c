// SPDX-License-Identifier: Apache-2.0
// Afraid of: a bluetoothd, a bus or an adapter that goes at the wrong moment and comes back, and a
// node that is silent or deaf for ever after, or crashes.
#include <gtest/gtest.h>

#include "bluez_world.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kPeer = 0xC0FFEE000001;

class BluezLife : public ::testing::Test {
 protected:
  void SetUp() override {
    world.bluez.come();
    world.bluez.plug("hci0");
    ASSERT_TRUE(world.works("hci0"));
  }

  BluezWorld world;
};

TEST_F(BluezLife, AdvertisesScansAndDials) {
  EXPECT_EQ(world.problem, "");
  EXPECT_EQ(world.bluez.adapter("hci0").services.size(), 1U);
  EXPECT_EQ(world.bluez.adapter("hci0").advertisements.begin()->second.interval_ms, 100U);
  EXPECT_EQ(world.open("hci0"), 1U);
}

TEST_F(BluezLife, AnAdapterIsPulledOutWithLinksOpen) {
  for (const bool devices_first : {true, false}) {
    world.bluez.connect_in("hci0", kPeer, {kServiceUuid});
    world.settle();
    ASSERT_EQ(world.open("hci0"), 2U);
    const auto gone = world.gone;
    world.bluez.unplug("hci0", devices_first);
    world.settle();
    EXPECT_EQ(world.gone, gone + 1);
    EXPECT_EQ(world.open("hci0"), 0U);
    EXPECT_FALSE(world.has("hci0"));
    world.bluez.plug("hci0");
    EXPECT_TRUE(world.works("hci0"));
  }
}

TEST_F(BluezLife, AnAdapterGoesWhileItDials) {
  world.bluez.reach = [](std::uint64_t) { return std::nullopt; };
  ASSERT_TRUE(world.until(
      [&] {
        world.bluez.hear("hci0", kPeer, BluezWorld::worth(kPeer));
        return world.manager("hci0").dialling();
      },
      seconds(30)));
  world.bluez.unplug("hci0", false);
  world.run(seconds(1));
  EXPECT_FALSE(world.has("hci0"));
  world.bluez.reach = [](std::uint64_t) { return std::chrono::milliseconds(1); };
  world.bluez.plug("hci0");
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, AnAdapterGoesAndComesInOneBatchOfSignals) {
  world.bluez.connect_in("hci0", kPeer, {kServiceUuid});
  world.settle();
  const auto tag = world.manager("hci0").tag();
  for (int i = 0; i < 3; ++i) {
    world.bluez.unplug("hci0", i % 2 == 0);
    world.bluez.plug("hci0");
  }
  world.settle();
  EXPECT_EQ(world.gone, 3U) << "and not the whole bus";
  EXPECT_EQ(world.open("hci0"), 0U);
  ASSERT_TRUE(world.has("hci0"));
  EXPECT_NE(world.manager("hci0").tag(), tag);
  EXPECT_TRUE(world.advertises("hci0")) << "at once";
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, AnAdapterComesAndGoesInOneBatchOfSignals) {
  world.bluez.plug("hci1");
  world.bluez.unplug("hci1");
  world.settle();
  EXPECT_FALSE(world.has("hci1"));
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, PowerIsOffAndOnAgain) {
  const auto tag = world.manager("hci0").tag();
  world.bluez.power("hci0", false);
  world.run(seconds(1));
  EXPECT_EQ(world.open("hci0"), 0U);
  const auto calls = world.bluez.calls("StartDiscovery") + world.bluez.calls("Connect");
  world.run(minutes(5));
  EXPECT_EQ(world.bluez.calls("StartDiscovery") + world.bluez.calls("Connect"), calls);
  world.bluez.power("hci0", true);
  EXPECT_TRUE(world.works("hci0"));
  EXPECT_NE(world.manager("hci0").tag(), tag) << "a period begins";
  for (int i = 0; i < 3; ++i) {
    world.bluez.power("hci0", false);
    world.bluez.power("hci0", true);
  }
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, PowerGoesAndNobodySaysThatTheLinksWentWithIt) {
  ASSERT_EQ(world.open("hci0"), 1U);
  world.bluez.changed("/org/bluez/hci0", kAdapterInterface, {{"Powered", boolean(false)}});
  world.settle();
  EXPECT_EQ(world.open("hci0"), 0U);
  world.bluez.changed("/org/bluez/hci0", kAdapterInterface, {{"Powered", boolean(true)}});
  world.run(minutes(2));
  EXPECT_TRUE(world.bluez.connected_all("hci0").empty()) << "they have no slot: hung up";
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, TheAdvertisingManagerGoesAndComes) {
  const std::string path = "/org/bluez/hci0";
  world.bluez.bus().signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved",
                           {object(path), texts({kAdvertisingInterface})});
  world.bluez.adapter("hci0").advertisements.clear();
  world.run(seconds(1));
  EXPECT_EQ(world.open("hci0"), 0U);
  world.bluez.bus().signal("/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                           {object(path), interfaces({{kAdvertisingInterface, {}}})});
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, BluetoothdGoesAndComes) {
  world.bluez.connect_in("hci0", kPeer, {kServiceUuid});
  world.settle();
  for (int i = 0; i < 3; ++i) {
    world.bluez.go();
    world.settle();
    EXPECT_EQ(world.problem, "bluetoothd is not running: start it");
    EXPECT_EQ(world.open("hci0"), 0U);
    EXPECT_FALSE(world.has("hci0"));
    if (i > 0) world.run(minutes(5));
    world.bluez.come();
    world.bluez.plug("hci0");
    world.bluez.plug("hci1");
    EXPECT_TRUE(world.works("hci0") && world.works("hci1"));
    EXPECT_EQ(world.problem, "");
  }
}

TEST_F(BluezLife, BluetoothdGoesAndComesBeforeAnybodyLooks) {
  world.bluez.go();
  world.bluez.come();
  world.bluez.plug("hci0");
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLife, TheBusDies) {
  for (int i = 0; i < 3; ++i) {
    world.bus.die();
    world.bluez.go();
    world.run(seconds(1));
    EXPECT_EQ(world.problem, "the D-Bus system bus went away: start dbus");
    EXPECT_EQ(world.open("hci0"), 0U);
    world.run(minutes(1));
    EXPECT_EQ(world.problem, "there is no D-Bus system bus: start dbus");
    world.bus.start();
    world.bluez.come();
    world.bluez.plug("hci0");
    EXPECT_TRUE(world.works("hci0"));
    EXPECT_EQ(world.problem, "");
  }
}

TEST_F(BluezLife, TheBusDiesWithCallsUnderWay) {
  world.bluez.manner = [](const FakeBluez::Call&) { return FakeBluez::Manner{.answers = false}; };
  world.run(minutes(1));
  world.bus.die();
  world.bluez.go();
  world.run(seconds(5));
  world.bluez.manner = [](const FakeBluez::Call&) { return FakeBluez::Manner{}; };
  world.bus.start();
  world.bluez.come();
  world.bluez.plug("hci0");
  EXPECT_TRUE(world.works("hci0"));
}

}  // namespace
}  // namespace chaski::transport_ble
