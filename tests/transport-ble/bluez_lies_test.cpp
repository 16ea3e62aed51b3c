// SPDX-License-Identifier: Apache-2.0
// Afraid of: a bluetoothd of another version, or somebody else under its name, that says something
// of another shape or far too much. Nothing of it may crash a node or stop it.
#include <gtest/gtest.h>

#include "bluez_world.hpp"

namespace chaski::transport_ble {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kPeer = 0xC0FFEE000001;
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

std::vector<BusValue> strange_values() {
  return {boolean(true),
          basic<std::uint8_t>('y', 255),
          int16(-32768),
          basic<std::uint64_t>('t', ~std::uint64_t{0}),
          basic<double>('d', 1e308),
          text(""),
          text(std::string(100'000, 'x')),
          object("/"),
          bytes({}),
          bytes(std::vector<std::uint8_t>(100'000, 0x11)),
          texts({}),
          texts(std::vector<std::string>(1'000, kServiceUuid)),
          variant(variant(variant(boolean(false)))),
          properties({{kServiceUuid, text("8 bytes!")}}),
          properties({{kServiceUuid, bytes({0x11})}}),
          interfaces({{"", {{"", boolean(true)}}}}),
          objects({{"/", {}}})};
}

class BluezLies : public ::testing::Test {
 protected:
  void SetUp() override {
    world.bluez.come();
    world.bluez.plug("hci0");
    ASSERT_TRUE(world.works("hci0"));
  }
  /// What somebody else may say as a signal, past everything that the fake keeps.
  void say(const std::string& path, const char* interface, const char* member,
           const std::vector<BusValue>& values) {
    world.bluez.bus().signal(path, interface, member, values);
  }

  BluezWorld world;
  const std::string adapter = "/org/bluez/hci0";
  const std::string peer = FakeBluez::device_path("hci0", kPeer);
};

TEST_F(BluezLies, WrongTypesInEveryProperty) {
  const auto tag = world.manager("hci0").tag();
  const char* names[] = {"Address",         "AddressType", "RSSI",
                         "Connected",       "UUIDs",       "Powered",
                         "Discovering",     "ServiceData", "Name",
                         "Paired",          "Adapter",     "SupportedSecondaryChannels",
                         "ServicesResolved"};
  world.bluez.connect_in("hci0", kPeer, {kServiceUuid});
  world.settle();
  const auto open = world.open("hci0");
  for (const auto& value : strange_values()) {
    SCOPED_TRACE(value.signature);
    for (const std::string name : names) {
      // Of the right type these two are no lie but news.
      if (value.signature == "b" && (name == "Powered" || name == "Connected")) continue;
      for (const auto* path : {&adapter, &peer}) {
        for (const char* interface : {kAdapterInterface, kAdvertisingInterface, kDeviceInterface}) {
          say(*path, kProperties, "PropertiesChanged",
              {text(interface), properties({{name, value}}), texts({})});
          say("/", kObjectManager, "InterfacesAdded",
              {object(*path), interfaces({{interface, {{name, value}}}})});
        }
      }
    }
    world.settle();
    ASSERT_TRUE(world.has("hci0"));
  }
  EXPECT_EQ(world.manager("hci0").tag(), tag) << "its power was never off";
  EXPECT_EQ(world.open("hci0"), open);
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLies, WrongTypesInEverySignal) {
  for (const auto& value : strange_values()) {
    SCOPED_TRACE(value.signature);
    for (const auto* path : {&adapter, &peer}) {
      for (const char* member : {"PropertiesChanged", "Other", "InterfacesAdded"}) {
        say(*path, kProperties, member, {});
        say(*path, kProperties, member, {value});
        say(*path, kProperties, member, {text(kDeviceInterface), value});
        say(*path, kProperties, member, {text(kDeviceInterface), properties({}), value});
      }
      for (const char* member : {"InterfacesAdded", "InterfacesRemoved", "PropertiesChanged"}) {
        say("/", kObjectManager, member, {});
        say("/", kObjectManager, member, {value});
        say("/", kObjectManager, member, {object(*path)});
        say("/", kObjectManager, member, {object(*path), value});
      }
    }
    world.settle();
    ASSERT_TRUE(world.has("hci0"));
  }
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLies, WrongTypesInEveryAnswer) {
  for (const auto& value : strange_values()) {
    SCOPED_TRACE(value.signature);
    // Of scans only the words are wrong: who is told that one has stopped dials, and may.
    world.bluez.manner = [](const FakeBluez::Call& call) {
      return FakeBluez::Manner{.acts = call.member.ends_with("Discovery"), .answers = false};
    };
    world.bluez.spy = [&](const FakeBluez::Call& call) { world.bluez.bus().answer(call, {value}); };
    world.run(minutes(1), seconds(1));
    world.bluez.manner = [](const FakeBluez::Call&) { return FakeBluez::Manner{}; };
    world.bluez.spy = nullptr;
    // An advertisement that was promised and is not there is missed until the period ends.
    EXPECT_TRUE(world.works("hci0", minutes(16)));
  }
}

TEST_F(BluezLies, UnknownInterfacesAndPaths) {
  const std::vector<std::string> paths{"/",
                                       "/org",
                                       "/org/bluez",
                                       "/org/bluez/hci",
                                       "/org/bluez/hci0/dev_X/y",
                                       "/org/bluez/hci123456",
                                       "/org/bluez/test/hci0",
                                       "/org/bluez/hci1/dev_C0_FF_EE_00_00_01",
                                       adapter + "/dev_",
                                       adapter + "/service0001",
                                       peer + "/service0001/char0002",
                                       "/org/bluez/" + std::string(10'000, 'x')};
  for (const auto& path : paths) {
    for (const char* interface :
         {"org.bluez.Battery1", "org.bluez.New9", kDeviceInterface, kAdvertisingInterface}) {
      say("/", kObjectManager, "InterfacesAdded",
          {object(path), interfaces({{interface, FakeBluez::device(kPeer, true)}})});
      say(path, kProperties, "PropertiesChanged",
          {text(interface), properties(FakeBluez::device(kPeer, true)),
           texts({"UUIDs", "Connected"})});
      say("/", kObjectManager, "InterfacesRemoved", {object(path), texts({interface, "", "x"})});
    }
  }
  world.settle();
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLies, MoreAdaptersThanAreFollowed) {
  for (int i = 1; i < 200; ++i) world.bluez.plug("hci" + std::to_string(i), false);
  world.settle();
  EXPECT_TRUE(world.has("hci1"));
  EXPECT_FALSE(world.has("hci199"));
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLies, MoreDevicesThanAreFollowed) {
  const auto crowd = BluezObjects::kDevicesMax + 500;
  ASSERT_TRUE(world.until([&] { return world.scans("hci0"); }, minutes(1)));
  for (std::size_t i = 0; i < crowd; ++i) {
    // Things that are no nodes, and are never gone.
    world.bluez.added(FakeBluez::device_path("hci0", 0xD00000000000 + i),
                      {{kDeviceInterface, FakeBluez::device(0xD00000000000 + i, false)}});
  }
  world.settle();
  bool dialled = false;
  world.bluez.spy = [&](const FakeBluez::Call& call) {
    dialled = dialled || (call.member == "Connect" && call.path == peer);
  };
  ASSERT_TRUE(world.scans("hci0"));
  world.bluez.hear("hci0", kPeer, BluezWorld::worth(kPeer));
  world.run(minutes(2), seconds(1));
  EXPECT_FALSE(dialled) << "there is no place for it";
  EXPECT_TRUE(world.advertises("hci0"));
  for (std::size_t i = 0; i < crowd; ++i) {
    world.bluez.forget("hci0", 0xD00000000000 + i);
  }
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLies, ACrowdOfNodesAndOfStrangersWhoDial) {
  for (std::uint64_t i = 0; i < 600; ++i) {
    world.bluez.hear("hci0", kPeer + i, BluezWorld::worth(kPeer + i));
    if (i % 2 == 0) world.bluez.connect_in("hci0", kPeer + i, {kServiceUuid});
    if (i % 50 == 0) world.run(seconds(1));
  }
  world.run(minutes(3), seconds(1));
  EXPECT_LE(world.bluez.connected_all("hci0").size(), 4U) << "who has no slot is hung up";
  EXPECT_TRUE(world.works("hci0"));
}

TEST_F(BluezLies, OurObjectsAreCalledWithOtherArguments) {
  const auto client = world.bluez.adapter("hci0").advertisements.begin()->first;
  const char* paths[] = {"/org/chaski/hci0/advertisement", "/org/chaski/hci0/gatt",
                         "/org/chaski/hci0/gatt/service", "/org/chaski/hci0/gatt/service/info"};
  int answers = 0, asked = 0;
  for (const auto& value : strange_values()) {
    for (const char* path : paths) {
      for (const auto& [interface, member] : {std::pair{"org.bluez.LEAdvertisement1", "Release"},
                                              {"org.bluez.GattCharacteristic1", "ReadValue"},
                                              {"org.bluez.GattCharacteristic1", "WriteValue"},
                                              {"org.bluez.GattCharacteristic1", "AcquireWrite"},
                                              {"org.bluez.GattCharacteristic1", "StartNotify"},
                                              {kProperties, "GetAll"},
                                              {kProperties, "Set"}}) {
        ++asked;
        world.bluez.bus().ask(client, path, interface, member, {value},
                              [&](sd_bus_message*) { ++answers; });
      }
      world.settle();
    }
  }
  EXPECT_EQ(answers, asked);
  EXPECT_TRUE(world.works("hci0"));
}

}  // namespace
}  // namespace chaski::transport_ble
