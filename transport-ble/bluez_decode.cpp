// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_decode.hpp"

#include <algorithm>

namespace chaski::transport_ble {
namespace {

constexpr std::string_view kRoot = "/org/bluez/";
constexpr std::string_view kAdapterName = "hci";
constexpr std::string_view kDeviceName = "dev_";
// What all UUIDs of ours begin with (ble.md, 5.1).
constexpr std::string_view kOurs = "5ea0c0";
constexpr std::size_t kUuidSize = 36;
constexpr std::size_t kAddressSize = 17;
constexpr std::size_t kAdapterDigitsMax = 5;
constexpr std::uint64_t kRandomAddress = std::uint64_t{1} << 48;

template <class T>
std::optional<T> value_of(const Properties& properties, const std::string& name) {
  const auto found = properties.find(name);
  if (found == properties.end() || found->second.isEmpty()) return std::nullopt;
  if (!found->second.containsValueOfType<T>()) return std::nullopt;
  return found->second.get<T>();
}

std::optional<std::uint64_t> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint64_t>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<std::uint64_t>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<std::uint64_t>(c - 'a' + 10);
  return std::nullopt;
}

std::optional<Datum> datum_of(const Properties& service_data) {
  const auto bytes = value_of<std::vector<std::uint8_t>>(service_data, kServiceUuid);
  return bytes ? parse_datum(*bytes) : std::nullopt;
}

void learn_address(std::optional<Device>& device, const Properties& properties) {
  const auto address = value_of<std::string>(properties, "Address");
  const auto type = value_of<std::string>(properties, "AddressType");
  if (!address || !type) return;
  if (const auto parsed = parse_device(*address, *type)) device = parsed;
}

}  // namespace

std::optional<std::string> device_above(std::string_view path) {
  const auto adapter = adapter_of(path);
  if (!adapter) return std::nullopt;
  const std::size_t name = path.find('/', kRoot.size()) + 1;
  const std::size_t end = name == 0 ? std::string_view::npos : path.find('/', name);
  if (end == std::string_view::npos || !is_device_path(path.substr(0, end))) return std::nullopt;
  return std::string(path.substr(0, end));
}

std::optional<std::string> our_characteristic(const Properties& properties) {
  const auto uuid = value_of<std::string>(properties, "UUID");
  if (!uuid || !uuid->starts_with(kOurs) || uuid->size() != kUuidSize) return std::nullopt;
  return uuid;
}

GattOptions gatt_options(const Properties& options) {
  GattOptions out;
  if (const auto path = value_of<sdbus::ObjectPath>(options, "device")) out.device = *path;
  out.mtu = value_of<std::uint16_t>(options, "mtu").value_or(0);
  out.offset = value_of<std::uint16_t>(options, "offset").value_or(0);
  return out;
}

std::optional<Device> parse_device(std::string_view address, std::string_view type) {
  if (address.size() != kAddressSize || (type != "public" && type != "random")) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i % 3 == 2) {
      if (address[i] != ':') return std::nullopt;
      continue;
    }
    const auto four_bits = digit(address[i]);
    if (!four_bits) return std::nullopt;
    value = value << 4 | *four_bits;
  }
  return Device{type == "random" ? value | kRandomAddress : value};
}

std::optional<std::string> adapter_of(std::string_view path) {
  if (!path.starts_with(kRoot)) return std::nullopt;
  path.remove_prefix(kRoot.size());
  const auto name = path.substr(0, path.find('/'));
  if (!name.starts_with(kAdapterName)) return std::nullopt;
  const auto number = name.substr(kAdapterName.size());
  const bool digits =
      std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number.empty() || number.size() > kAdapterDigitsMax || !digits) return std::nullopt;
  return std::string(name);
}

bool is_device_path(std::string_view path) {
  const auto adapter = adapter_of(path);
  if (!adapter) return false;
  path.remove_prefix(kRoot.size() + adapter->size());
  if (!path.starts_with('/')) return false;
  path.remove_prefix(1);
  return path.starts_with(kDeviceName) && path.find('/') == std::string_view::npos;
}

void learn(AdapterState& state, const std::string& interface, const Properties& properties) {
  if (interface == kAdvertisingInterface) {
    state.advertises = true;
    // Experimental in 5.66, as the intervals are: where the one is, the other counts.
    if (properties.contains("SupportedFeatures")) state.intervals = true;
    // BlueZ has this property only when the controller has extended advertising.
    const auto channels =
        value_of<std::vector<std::string>>(properties, "SupportedSecondaryChannels");
    if (channels) state.extended = !channels->empty();
  }
  if (interface != kAdapterInterface) return;
  learn_address(state.device, properties);
  if (const auto pairable = value_of<bool>(properties, "Pairable")) state.pairable = *pairable;
  if (const auto alias = value_of<std::string>(properties, "Alias")) state.alias = *alias;
  if (const auto powered = value_of<bool>(properties, "Powered")) state.powered = *powered;
  if (const auto scans = value_of<bool>(properties, "Discovering")) state.discovering = *scans;
}

void learn(DeviceState& state, const std::string& interface, const Properties& properties) {
  if (interface != kDeviceInterface) return;
  learn_address(state.device, properties);
  if (const auto said = value_of<Properties>(properties, "ServiceData")) {
    state.datum = datum_of(*said);
  }
  if (const auto rssi = value_of<std::int16_t>(properties, "RSSI")) state.rssi = *rssi;
  if (const auto here = value_of<bool>(properties, "Connected")) state.connected = *here;
  if (const auto known = value_of<bool>(properties, "ServicesResolved")) state.resolved = *known;
  if (const auto paired = value_of<bool>(properties, "Paired")) state.paired = *paired;
  if (const auto uuids = value_of<std::vector<std::string>>(properties, "UUIDs")) {
    state.serves = std::find(uuids->begin(), uuids->end(), kServiceUuid) != uuids->end();
  }
}

void forget(DeviceState& state, const std::string& interface,
            const std::vector<std::string>& properties) {
  if (interface != kDeviceInterface) return;
  for (const auto& name : properties) {
    if (name == "RSSI") state.rssi.reset();
    if (name == "ServiceData") state.datum.reset();
    if (name == "UUIDs") state.serves = false;
  }
}

}  // namespace chaski::transport_ble
