// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_service.hpp"

namespace chaski::transport_ble {
namespace {

constexpr const char* kService = "org.bluez.GattService1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr std::uint8_t kVersion = 1;

}  // namespace

BluezService::BluezService(boost::asio::io_context&, sdbus::IConnection& connection,
                           std::string path, Events events)
    : path_(std::move(path)),
      events_(std::move(events)),
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
      .implementedAs([this](const Properties&) {
        const auto high = static_cast<std::uint8_t>(psm_ >> 8);
        const auto low = static_cast<std::uint8_t>(psm_ & 0xFF);
        return std::vector<std::uint8_t>{kVersion, high, low, 0};
      });
  info_->finishRegistration();
}

void BluezService::release(const std::string&) {}

}  // namespace chaski::transport_ble
