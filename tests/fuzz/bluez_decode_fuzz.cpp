// SPDX-License-Identifier: Apache-2.0
// Whatever bluetoothd says of a device: properties of any name, type and size, one behind the
// other. Nothing is thrown, and a datum is there only when its 8 bytes were said.
#include <algorithm>

#include "base/assert.hpp"
#include "transport-ble/bluez_decode.hpp"

using namespace chaski;
using namespace chaski::transport_ble;

namespace {

constexpr const char* kNames[] = {"Address",   "AddressType", "RSSI",
                                  "Connected", "UUIDs",       "ServiceData",
                                  "Powered",   "Discovering", "SupportedSecondaryChannels"};
constexpr std::size_t kKinds = 8;

sdbus::Variant variant(std::uint8_t kind, const std::vector<std::uint8_t>& bytes) {
  const std::string text(bytes.begin(), bytes.end());
  // D-Bus has only text that is UTF-8 without zeros; what is not cannot arrive.
  const bool plain = std::all_of(bytes.begin(), bytes.end(),
                                 [](std::uint8_t byte) { return byte >= 1 && byte < 0x80; });
  const std::string word = plain ? text : "public";
  switch (kind % kKinds) {
    case 0:
      return sdbus::Variant(!bytes.empty());
    case 1:
      return sdbus::Variant(static_cast<std::int16_t>(bytes.size()));
    case 2:
      return sdbus::Variant(word);
    case 3:
      return sdbus::Variant(bytes);
    case 4:
      return sdbus::Variant(std::vector<std::string>{word, kServiceUuid});
    case 5:
      return sdbus::Variant(Properties{{kServiceUuid, sdbus::Variant(bytes)}});
    case 6:
      return sdbus::Variant(Properties{{kServiceUuid, sdbus::Variant(word)}});
    default:
      return {};
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  DeviceState device;
  AdapterState adapter;
  std::optional<Datum> said;
  while (size >= 3) {
    const std::string name = kNames[data[0] % std::size(kNames)];
    const std::uint8_t kind = data[1];
    const std::size_t length = std::min<std::size_t>(data[2], size - 3);
    const std::vector<std::uint8_t> bytes(data + 3, data + 3 + length);
    data += 3 + length;
    size -= 3 + length;
    if ((kind & 0x80) != 0) {
      forget(device, kDeviceInterface, {name});
      if (name == "ServiceData") said.reset();
      continue;
    }
    const Properties properties{{name, variant(kind, bytes)}};
    learn(device, kDeviceInterface, properties);
    learn(adapter, kAdapterInterface, properties);
    learn(adapter, kAdvertisingInterface, properties);
    if (name == "ServiceData" && kind % kKinds == 5) said = parse_datum(bytes);
    if (name == "ServiceData" && kind % kKinds == 6) said.reset();
    CHASKI_ASSERT(device.datum == said);
    const std::string path(bytes.begin(), bytes.end());
    CHASKI_ASSERT(!is_device_path(path) || adapter_of(path));
    static_cast<void>(parse_device(path, "random"));
  }
  return 0;
}
