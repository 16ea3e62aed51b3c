// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_service.hpp"

namespace chaski::transport_ble {
namespace {

constexpr const char* kService = "org.bluez.GattService1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr const char* kInfoUuid = "5ea0c001-7b1d-4b5f-9d5c-6f0e3c1f8a2e";
constexpr std::uint8_t kVersion = 1;

}  // namespace

BluezService::BluezService(sdbus::IConnection& connection, std::string path)
    : path_(std::move(path)),
      root_(sdbus::createObject(connection, path_)),
      service_(sdbus::createObject(connection, path_ + "/service")),
      info_(sdbus::createObject(connection, path_ + "/service/info")) {
  root_->addObjectManager();
  service_->registerProperty("UUID").onInterface(kService).withGetter(
      [] { return std::string(kServiceUuid); });
  service_->registerProperty("Primary").onInterface(kService).withGetter([] { return true; });
  service_->finishRegistration();
  info_->registerProperty("UUID").onInterface(kCharacteristic).withGetter([] {
    return std::string(kInfoUuid);
  });
  info_->registerProperty("Service").onInterface(kCharacteristic).withGetter([this] {
    return sdbus::ObjectPath(path_ + "/service");
  });
  info_->registerProperty("Flags").onInterface(kCharacteristic).withGetter([] {
    return std::vector<std::string>{"read"};
  });
  info_->registerMethod("ReadValue")
      .onInterface(kCharacteristic)
      .implementedAs([](const Properties&) {
        return std::vector<std::uint8_t>{kVersion, 0, 0, 0};
      });
  info_->finishRegistration();
}

}  // namespace chaski::transport_ble
