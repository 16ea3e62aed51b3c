// SPDX-License-Identifier: Apache-2.0
// Afraid of: a bluetoothd of another version, or not bluetoothd at all, that says something of
// another type, size or name. It must change nothing, and throw nothing at the loop.
#include <gtest/gtest.h>

#include "transport-ble/bluez_decode.hpp"

namespace chaski::transport_ble {
namespace {

using Bytes = std::vector<std::uint8_t>;

const Bytes kDatum{0x11, 0x8c, 0x01, 0xf3, 0x5a, 0x28, 0x2f, 0xfa};

Properties service_data(const sdbus::Variant& value) {
  return {{"ServiceData", sdbus::Variant(Properties{{kServiceUuid, value}})}};
}

DeviceState whole() {
  DeviceState state;
  learn(state, kDeviceInterface,
        {{"Address", sdbus::Variant(std::string("C0:FF:EE:00:00:01"))},
         {"AddressType", sdbus::Variant(std::string("random"))},
         {"RSSI", sdbus::Variant(std::int16_t{-60})},
         {"Connected", sdbus::Variant(true)},
         {"UUIDs", sdbus::Variant(std::vector<std::string>{"1800", kServiceUuid})}});
  learn(state, kDeviceInterface, service_data(sdbus::Variant(kDatum)));
  return state;
}

TEST(BluezDecode, ADeviceIsRead) {
  const auto state = whole();
  ASSERT_TRUE(state.device && state.datum);
  EXPECT_EQ(state.device->value, 0x1C0FFEE000001u);
  EXPECT_EQ(encode(*state.datum).size(), kDatum.size());
  EXPECT_EQ(state.datum, parse_datum(kDatum));
  EXPECT_EQ(state.rssi, -60);
  EXPECT_TRUE(state.connected && state.serves);
}

TEST(BluezDecode, OtherTypesChangeNothing) {
  const std::vector<sdbus::Variant> strange{
      {},
      sdbus::Variant(std::uint8_t{7}),
      sdbus::Variant(std::uint64_t{1} << 63),
      sdbus::Variant(2.5),
      sdbus::Variant(sdbus::ObjectPath("/")),
      sdbus::Variant(sdbus::Variant(true)),
      sdbus::Variant(std::vector<std::int32_t>{1, 2}),
      sdbus::Variant(std::map<std::string, std::string>{{kServiceUuid, "x"}}),
      sdbus::Variant(std::string(100000, 'x')),
  };
  for (const auto& value : strange) {
    auto device = whole();
    AdapterState adapter{true, true, true, true};
    for (const char* name : {"Address", "AddressType", "RSSI", "Connected", "UUIDs", "ServiceData",
                             "Powered", "Discovering", "SupportedSecondaryChannels", ""}) {
      learn(device, kDeviceInterface, {{name, value}});
      learn(adapter, kAdapterInterface, {{name, value}});
      learn(adapter, kAdvertisingInterface, {{name, value}});
    }
    EXPECT_EQ(device, whole());
    EXPECT_EQ(adapter, (AdapterState{true, true, true, true}));
  }
}

TEST(BluezDecode, ADatumOfAnotherSizeOrTypeIsNone) {
  for (const std::size_t size : {0UL, 7UL, 9UL, 31UL, 1UL << 20}) {
    auto state = whole();
    learn(state, kDeviceInterface, service_data(sdbus::Variant(Bytes(size, 0x11))));
    EXPECT_FALSE(state.datum) << size;
  }
  auto state = whole();
  learn(state, kDeviceInterface, service_data(sdbus::Variant(std::string("8 bytes!"))));
  EXPECT_FALSE(state.datum);
  state = whole();
  learn(state, kDeviceInterface, {{"ServiceData", sdbus::Variant(Properties{})}});
  EXPECT_FALSE(state.datum) << "it advertises something else now";
}

TEST(BluezDecode, WhatIsNotThereAnyMoreIsForgotten) {
  auto state = whole();
  forget(state, "org.bluez.Other1", {"RSSI", "ServiceData", "UUIDs"});
  EXPECT_EQ(state, whole());
  forget(state, kDeviceInterface, {"RSSI", "ServiceData", "UUIDs", "Name"});
  EXPECT_FALSE(state.rssi || state.datum || state.serves);
  EXPECT_TRUE(state.device && state.connected);
}

TEST(BluezDecode, AddressesAreReadWholeOrNot) {
  EXPECT_EQ(parse_device("00:11:22:aa:Bb:FF", "public"), Device{0x001122AABBFFu});
  for (const char* wrong : {"", "00:11:22:AA:BB", "00:11:22:AA:BB:FF:", "00-11-22-AA-BB-FF",
                            "0x:11:22:AA:BB:FF", "00:11:22:AA:BB:F", " 0:11:22:AA:BB:FF"}) {
    EXPECT_FALSE(parse_device(wrong, "public")) << wrong;
  }
  EXPECT_FALSE(parse_device("00:11:22:AA:BB:FF", "Public"));
  EXPECT_FALSE(parse_device("00:11:22:AA:BB:FF", ""));
}

TEST(BluezDecode, PathsNameAdapterAndDevice) {
  EXPECT_EQ(adapter_of("/org/bluez/hci0"), "hci0");
  EXPECT_EQ(adapter_of("/org/bluez/hci12/dev_C0_FF_EE_00_00_01/service0001"), "hci12");
  for (const char* wrong :
       {"", "/", "/org/bluez", "/org/bluez/", "/org/bluez/hci", "/org/bluez/hcix",
        "/org/bluez/hci123456", "/org/other/hci0", "/org/bluez/test/hci0"}) {
    EXPECT_FALSE(adapter_of(wrong)) << wrong;
  }
  EXPECT_TRUE(is_device_path("/org/bluez/hci0/dev_C0_FF_EE_00_00_01"));
  EXPECT_FALSE(is_device_path("/org/bluez/hci0/dev_C0_FF_EE_00_00_01/service0001"));
  EXPECT_FALSE(is_device_path("/org/bluez/hci0"));
  EXPECT_FALSE(is_device_path("/org/bluez/hci0dev_1"));
}

TEST(BluezDecode, WhoAsksACharacteristicIsReadAndNothingElseIsTaken) {
  const std::string path = "/org/bluez/hci0/dev_C0_FF_EE_00_00_01";
  auto asked = gatt_options({{"device", sdbus::Variant(sdbus::ObjectPath(path))},
                             {"mtu", sdbus::Variant(std::uint16_t{517})},
                             {"offset", sdbus::Variant(std::uint16_t{3})},
                             {"link", sdbus::Variant(std::string("LE"))}});
  EXPECT_EQ(asked.device, path);
  EXPECT_EQ(asked.mtu, 517);
  EXPECT_EQ(asked.offset, 3);
  asked = gatt_options({{"device", sdbus::Variant(path)},
                        {"mtu", sdbus::Variant(std::int16_t{517})},
                        {"offset", {}}});
  EXPECT_EQ(asked.device, "");
  EXPECT_EQ(asked.mtu, 0);
  EXPECT_EQ(asked.offset, 0);
}

TEST(BluezDecode, TheNamesOfLanesAreThoseOfTheSpecification) {
  EXPECT_EQ(lane_write_uuid(1), "5ea0c010-7b1d-4b5f-9d5c-6f0e3c1f8a2e");
  EXPECT_EQ(lane_write_uuid(kLanesMax), "5ea0c013-7b1d-4b5f-9d5c-6f0e3c1f8a2e");
  EXPECT_EQ(lane_notify_uuid(1), "5ea0c020-7b1d-4b5f-9d5c-6f0e3c1f8a2e");
  EXPECT_EQ(lane_notify_uuid(kLanesMax), "5ea0c023-7b1d-4b5f-9d5c-6f0e3c1f8a2e");
}

TEST(BluezDecode, AnAdapterIsRead) {
  AdapterState state;
  learn(state, kAdvertisingInterface, {});
  EXPECT_TRUE(state.advertises && !state.extended);
  const std::vector<std::string> channels{"1M", "2M"};
  learn(state, kAdvertisingInterface, {{"SupportedSecondaryChannels", sdbus::Variant(channels)}});
  learn(state, kAdapterInterface,
        {{"Powered", sdbus::Variant(true)}, {"Discovering", sdbus::Variant(true)}});
  EXPECT_EQ(state, (AdapterState{true, true, true, true}));
  learn(state, kAdapterInterface,
        {{"Address", sdbus::Variant(std::string("00:AA:01:00:00:07"))},
         {"AddressType", sdbus::Variant(std::string("public"))},
         {"Alias", sdbus::Variant(std::string("anna's laptop"))},
         {"Pairable", sdbus::Variant(true)}});
  EXPECT_EQ(state.device, Device{0x00aa01000007});
  EXPECT_EQ(state.alias, "anna's laptop");
  EXPECT_TRUE(state.pairable);
  EXPECT_FALSE(state.intervals);
  learn(state, kAdvertisingInterface,
        {{"SupportedFeatures", sdbus::Variant(std::vector<std::string>{})}});
  EXPECT_TRUE(state.intervals);
}

}  // namespace
}  // namespace chaski::transport_ble
