// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_objects.hpp"

#include <algorithm>

namespace chaski::transport_ble {
namespace {

constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kNoReply = "org.freedesktop.DBus.Error.NoReply";
constexpr const char* kPropertiesInterface = "org.freedesktop.DBus.Properties";

}  // namespace

BluezObjects::BluezObjects(boost::asio::io_context& io, std::shared_ptr<BluezSession> session,
                           Events events)
    : session_(std::move(session)), events_(std::move(events)), again_(io) {}

void BluezObjects::start() {
  listen();
  read_all();
}

void BluezObjects::listen() {
  const std::string from = std::string("type='signal',sender='") + BluezSession::kName + "',";
  for (const auto& rule :
       {from + "interface='" + kObjectManager + "'",
        from + "interface='" + kPropertiesInterface + "',path_namespace='/org/bluez'"}) {
    auto heard = [weak = weak_from_this()](sdbus::Message& message) {
      auto self = weak.lock();
      // What came before everything was read is in what was read.
      if (!self || self->stopped_ || !self->read_) return;
      try {
        self->signal(message);
      } catch (const sdbus::Error&) {
        ++self->malformed_;
      }
    };
    matches_.push_back(session_->loop()->connection().addMatch(rule, std::move(heard)));
  }
  session_->loop()->update();
}

void BluezObjects::read_all() {
  auto reply = [weak = weak_from_this()](const sdbus::Error* error, const Objects& objects) {
    auto self = weak.lock();
    if (!self || self->stopped_) return;
    self->again_.expires_after(error != nullptr ? self->not_read(*error) : kReconcileEvery);
    if (error == nullptr) self->take_all(objects);
    self->again_.async_wait([weak](const boost::system::error_code& failed) {
      auto again = weak.lock();
      if (!failed && again && !again->stopped_) again->read_all();
    });
  };
  session_->call<Objects>("/", kObjectManager, "GetManagedObjects", BluezSession::kTimeout, reply);
}

base::Duration BluezObjects::not_read(const sdbus::Error& error) {
  events_.problem(error.getName() == kNoReply
                      ? "bluetoothd does not answer: restart it"
                      : "bluetoothd refuses us, " + error.getName() +
                            ": the policy is in /etc/dbus-1/system.d/bluetooth.conf");
  const auto now = read_again_;
  read_again_ = std::min<base::Duration>(read_again_ * 2, kReconcileEvery);
  return now;
}

void BluezObjects::take_all(const Objects& objects) {
  read_ = true;
  if (std::exchange(read_again_, kReadAgain) != kReadAgain) events_.problem("");
  std::vector<std::string> adapters, devices;
  for (const auto& [name, state] : adapters_) {
    if (!objects.contains(sdbus::ObjectPath("/org/bluez/" + name))) adapters.push_back(name);
  }
  for (const auto& [path, state] : devices_) {
    if (!objects.contains(sdbus::ObjectPath(path))) devices.push_back(path);
  }
  for (const auto& path : devices) drop_device(path);
  for (const auto& name : adapters) drop_adapter(name);
  // In the order of paths: an adapter comes before its devices.
  reading_ = true;
  for (const auto& [path, interfaces] : objects) take(path, interfaces, false);
  reading_ = false;
  events_.compared();
}

void BluezObjects::signal(sdbus::Message& message) {
  const std::string member = message.getMemberName();
  if (member == "PropertiesChanged") return changed(message.getPath(), message);
  sdbus::ObjectPath path;
  message >> path;
  if (member == "InterfacesAdded") {
    Interfaces interfaces;
    message >> interfaces;
    take(path, interfaces, true);
  } else if (member == "InterfacesRemoved") {
    std::vector<std::string> interfaces;
    message >> interfaces;
    removed(path, interfaces);
  }
}

void BluezObjects::changed(const std::string& path, sdbus::Message& message) {
  std::string interface;
  Properties properties;
  std::vector<std::string> gone;
  message >> interface >> properties >> gone;
  if (is_device_path(path)) {
    const bool heard = properties.contains("RSSI") || properties.contains("ServiceData");
    if (devices_.contains(path)) learn_device(path, interface, properties, gone, heard);
    return;
  }
  take(path, {{interface, properties}}, true);
}

void BluezObjects::take(const std::string& path, const Interfaces& interfaces, bool from_signal) {
  const auto adapter = adapter_of(path);
  if (!adapter) return;
  if (is_device_path(path)) {
    const auto device = interfaces.find(kDeviceInterface);
    if (device == interfaces.end() || !adapters_.contains(*adapter)) return;
    if (!devices_.contains(path) && devices_.size() >= kDevicesMax) return;
    const bool heard = from_signal && device->second.contains("RSSI");
    return learn_device(path, kDeviceInterface, device->second, {}, heard);
  }
  if (interfaces.contains(kCharacteristicInterface)) return learn_characteristic(path, interfaces);
  if (path != "/org/bluez/" + *adapter) return;
  const auto known = adapters_.find(*adapter);
  if (known == adapters_.end() &&
      (!interfaces.contains(kAdapterInterface) || adapters_.size() >= kAdaptersMax)) {
    return;
  }
  auto& state = adapters_[*adapter];
  const auto was = state;
  for (const auto& [interface, properties] : interfaces) learn(state, interface, properties);
  if (known == adapters_.end() || state != was) events_.adapter(*adapter, AdapterState(state));
}

void BluezObjects::learn_device(const std::string& path, const std::string& interface,
                                const Properties& properties, const std::vector<std::string>& gone,
                                bool heard) {
  auto& state = devices_[path];
  const DeviceState was = state;
  learn(state, interface, properties);
  forget(state, interface, gone);
  const DeviceState is = state;
  if (heard || is != was) events_.device(*adapter_of(path), path, was, is, heard);
}

void BluezObjects::learn_connected(const std::string& path) {
  if (!devices_.contains(path)) return;
  learn_device(path, kDeviceInterface, {{"Connected", sdbus::Variant(true)}}, {}, false);
}

void BluezObjects::removed(const std::string& path, const std::vector<std::string>& interfaces) {
  const auto has = [&](const char* name) {
    return std::find(interfaces.begin(), interfaces.end(), name) != interfaces.end();
  };
  const auto adapter = adapter_of(path);
  if (!adapter) return;
  if (has(kDeviceInterface)) return drop_device(path);
  if (has(kCharacteristicInterface)) characteristics_.erase(path);
  if (path != "/org/bluez/" + *adapter) return;
  if (has(kAdapterInterface)) return drop_adapter(*adapter);
  const auto known = adapters_.find(*adapter);
  if (known == adapters_.end() || !has(kAdvertisingInterface)) return;
  known->second.advertises = false;
  events_.adapter(*adapter, AdapterState(known->second));
}

void BluezObjects::drop_adapter(const std::string& name) {
  if (adapters_.erase(name) == 0) return;
  std::erase_if(devices_, [&](const auto& item) { return adapter_of(item.first) == name; });
  forget_below("/org/bluez/" + name);
  events_.adapter_gone(name);
}

void BluezObjects::learn_characteristic(const std::string& path, const Interfaces& interfaces) {
  const auto uuid = our_characteristic(interfaces.at(kCharacteristicInterface));
  const auto device = device_above(path);
  if (!uuid || !device || !devices_.contains(*device)) return;
  std::size_t listed = 0;
  const std::string below = *device + "/";
  for (auto it = characteristics_.lower_bound(below);
       it != characteristics_.end() && it->first.starts_with(below); ++it) {
    ++listed;
  }
  if (listed < kCharacteristicsMax) characteristics_[path] = *uuid;
}

std::optional<std::string> BluezObjects::characteristic(const std::string& device,
                                                        const std::string& uuid) const {
  const std::string below = device + "/";
  for (auto it = characteristics_.lower_bound(below);
       it != characteristics_.end() && it->first.starts_with(below); ++it) {
    if (it->second == uuid) return it->first;
  }
  return std::nullopt;
}

void BluezObjects::forget_below(const std::string& path) {
  std::erase_if(characteristics_,
                [&](const auto& item) { return item.first.starts_with(path + "/"); });
}

void BluezObjects::drop_device(const std::string& path) {
  const auto found = devices_.find(path);
  if (found == devices_.end()) return;
  const DeviceState state = found->second;
  devices_.erase(found);
  forget_below(path);
  events_.device_gone(*adapter_of(path), path, state);
}

}  // namespace chaski::transport_ble
