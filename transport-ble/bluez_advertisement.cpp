// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_advertisement.hpp"

#include <algorithm>
#include <chrono>

namespace chaski::transport_ble {
namespace {

constexpr const char* kInterface = "org.bluez.LEAdvertisement1";
// What a controller takes (Core 5.4, Vol 4 Part E, 7.8.5).
constexpr std::chrono::milliseconds kIntervalMin{20};
constexpr std::chrono::milliseconds kIntervalMax{10240};

}  // namespace

BluezAdvertisement::BluezAdvertisement(sdbus::IConnection& connection, std::string path)
    : path_(std::move(path)), object_(sdbus::createObject(connection, path_)) {
  // Called when the adapter goes, which is heard otherwise.
  object_->registerMethod("Release").onInterface(kInterface).implementedAs([] {});
  object_->registerProperty("Type").onInterface(kInterface).withGetter([] {
    return std::string("peripheral");
  });
  object_->registerProperty("ServiceData").onInterface(kInterface).withGetter([this] {
    return Properties{{kServiceUuid, sdbus::Variant(bytes_)}};
  });
  for (const char* name : {"MinInterval", "MaxInterval"}) {
    object_->registerProperty(name).onInterface(kInterface).withGetter([this] {
      return interval_ms_;
    });
  }
  object_->finishRegistration();
}

void BluezAdvertisement::set(const Datum& datum, base::Duration interval) {
  const auto bytes = encode(datum);
  bytes_.assign(bytes.begin(), bytes.end());
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(interval);
  interval_ms_ = static_cast<std::uint32_t>(std::clamp(ms, kIntervalMin, kIntervalMax).count());
}

void BluezAdvertisement::tell() {
  object_->emitPropertiesChangedSignal(kInterface, {"ServiceData", "MinInterval", "MaxInterval"});
}

}  // namespace chaski::transport_ble
