// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport-ble/ble_datum.hpp"
#include "transport-ble/ble_uuids.hpp"

/// What bluetoothd says of adapters and devices, read without trust in its types.
///
/// Source: BlueZ 5.66, doc/adapter-api.txt, doc/device-api.txt, doc/advertising-api.txt. What is
/// missing, of another type or another size leaves the state as it was.
namespace chaski::transport_ble {

using Properties = std::map<std::string, sdbus::Variant>;
using Interfaces = std::map<std::string, Properties>;
using Objects = std::map<sdbus::ObjectPath, Interfaces>;

constexpr const char* kAdapterInterface = "org.bluez.Adapter1";
constexpr const char* kDeviceInterface = "org.bluez.Device1";
constexpr const char* kCharacteristicInterface = "org.bluez.GattCharacteristic1";
constexpr const char* kAdvertisingInterface = "org.bluez.LEAdvertisingManager1";

struct AdapterState {
  bool powered = false;
  bool discovering = false;
  bool advertises = false;  ///< it has LEAdvertisingManager1
  bool extended = false;    ///< extended advertising
  std::optional<Device> device{};  ///< its identity address
  std::string alias{};             ///< what who connects may read as its name
  bool pairable = false;           ///< who wants to pair is answered
  bool intervals = false;          ///< our advertising intervals are taken (ble.md, 7.4)
  friend bool operator==(const AdapterState&, const AdapterState&) = default;
};

struct DeviceState {
  std::optional<Device> device;  ///< nothing as long as the address is not known
  std::optional<Datum> datum;    ///< what it advertised last, if it is ours
  std::optional<int> rssi;       ///< heard since scanning began
  bool connected = false;
  bool serves = false;    ///< lists our service
  bool resolved = false;  ///< BlueZ knows its services
  bool paired = false;    ///< a person's own device
  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

/// Who asks a characteristic of ours, and how (BlueZ 5.66, doc/gatt-api.txt).
struct GattOptions {
  std::string device;  ///< the path; empty when it was not said
  std::uint16_t mtu = 0;
  std::uint16_t offset = 0;
};
GattOptions gatt_options(const Properties& options);

/// Six bytes in hexadecimal with colons, and BlueZ's "public" or "random".
std::optional<Device> parse_device(std::string_view address, std::string_view type);

/// "hci0" of "/org/bluez/hci0" and of whatever is below; nothing of another path.
std::optional<std::string> adapter_of(std::string_view path);
/// Whether it is a device's own path, and not one below.
bool is_device_path(std::string_view path);
/// The device's path of a path that is below it; nothing of another path.
std::optional<std::string> device_above(std::string_view path);
/// The UUID of a characteristic, when it begins as all of ours do.
std::optional<std::string> our_characteristic(const Properties& properties);

void learn(AdapterState& state, const std::string& interface, const Properties& properties);
void learn(DeviceState& state, const std::string& interface, const Properties& properties);
/// Properties that are not there any more.
void forget(DeviceState& state, const std::string& interface,
            const std::vector<std::string>& properties);

}  // namespace chaski::transport_ble
