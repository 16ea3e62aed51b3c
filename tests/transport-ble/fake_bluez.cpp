// SPDX-License-Identifier: Apache-2.0
#include "fake_bluez.hpp"

#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <utility>

#include "transport-ble/bluez_decode.hpp"

namespace chaski::transport_ble {
namespace {

constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kGattManager = "org.bluez.GattManager1";
constexpr const char* kAborted = "le-connection-abort-by-local";

std::string error(const char* what) {
  return std::string("org.bluez.Error.") + what;
}

}  // namespace

FakeBluez::FakeBluez(boost::asio::io_context& io) : io_(io), bus_(io, "org.bluez") {
  manner = [](const Call&) { return Manner{}; };
  reach = [](std::uint64_t) { return base::Duration(std::chrono::milliseconds(200)); };
  bus_.called = [this](const Call& call) { called(call); };
  bus_.client_left = [this](const std::string& client) { client_left(client); };
  bus_.client_changed = [this](const std::string& client, const std::string& path) {
    for (auto& [name, adapter] : adapters_) {
      const auto found = adapter.advertisements.find(client);
      if (found == adapter.advertisements.end() || found->second.path != path) continue;
      read_advertisement(name, client, path, std::nullopt);
    }
  };
}

void FakeBluez::come() {
  life_ = std::make_shared<int>();
  bus_.join();
}

void FakeBluez::go() {
  bus_.leave();
  life_.reset();
  adapters_.clear();
  objects_.clear();
  links_.clear();
  dials_.clear();
  busy_until_ = {};
  queue_.clear();
}

void FakeBluez::plug(const std::string& name, bool powered) {
  adapters_[name] = Adapter{};
  adapters_[name].powered = powered;
  const BusProperties adapter{{"Address", text("00:00:00:00:00:01")},
                              {"AddressType", text("public")},
                              {"Powered", boolean(powered)},
                              {"Discovering", boolean(false)}};
  const BusProperties advertising{{"ActiveInstances", basic<std::uint8_t>('y', 0)},
                                  {"SupportedSecondaryChannels", texts({"1M", "2M", "Coded"})}};
  added("/org/bluez/" + name, {{kAdapterInterface, adapter},
                               {kAdvertisingInterface, advertising},
                               {kGattManager, {}},
                               {"org.bluez.Media1", {}}});
}

void FakeBluez::unplug(const std::string& name, bool devices_first) {
  const std::string path = "/org/bluez/" + name;
  std::vector<std::string> below;
  for (const auto& [device, what] : objects_) {
    if (device.starts_with(path + "/")) below.push_back(device);
  }
  for (const auto& device : below) {
    if (devices_first) {
      remove_device(device, kAborted);
    } else {
      dials_.erase(device);
      links_.erase(device);
      objects_.erase(device);
    }
  }
  adapters_.erase(name);
  removed(path, {kAdapterInterface, kAdvertisingInterface, kGattManager, "org.bluez.Media1"});
}

void FakeBluez::power(const std::string& name, bool on) {
  Adapter& adapter = adapters_.at(name);
  if (std::exchange(adapter.powered, on) == on) return;
  const std::string path = "/org/bluez/" + name;
  if (!on) {
    adapter.advertisements.clear();
    adapter.scanning.clear();
    for (const auto& link : std::set<std::string>(links_)) {
      if (link.starts_with(path + "/")) hang_up(link);
    }
    for (const auto& [device, call] : std::map<std::string, Call>(dials_)) {
      if (!device.starts_with(path + "/")) continue;
      dials_.erase(device);
      bus_.refuse(call, error("Failed"), kAborted);
    }
  }
  changed(path, kAdapterInterface, {{"Powered", boolean(on)}, {"Discovering", boolean(false)}});
}

std::string FakeBluez::device_path(const std::string& adapter, std::uint64_t address) {
  char name[32];
  std::snprintf(name, sizeof name, "/dev_%012llX", static_cast<unsigned long long>(address));
  std::string path = "/org/bluez/" + adapter + "/dev";
  for (std::size_t i = 5; i + 1 < 17; i += 2) path += "_" + std::string(name + i, 2);
  return path;
}

BusProperties FakeBluez::device(std::uint64_t address, bool connected) {
  std::string words = device_path("", address);
  words = words.substr(words.size() - 17);
  for (char& c : words) c = c == '_' ? ':' : c;
  return {{"Address", text(words)},
          {"AddressType", text("random")},
          {"Connected", boolean(connected)},
          {"ServicesResolved", boolean(false)},
          {"Paired", boolean(false)}};
}

void FakeBluez::hear(const std::string& name, std::uint64_t address,
                     std::vector<std::uint8_t> datum) {
  if (!has(name) || adapters_.at(name).scanning.empty()) return;
  const auto path = device_path(name, address);
  BusProperties said{{"RSSI", int16(-60)},
                     {"ServiceData", properties({{kServiceUuid, bytes(std::move(datum))}})}};
  if (objects_.contains(path)) return changed(path, kDeviceInterface, said);
  auto all = device(address, false);
  all.merge(said);
  added(path, {{kDeviceInterface, all}});
}

void FakeBluez::connect_in(const std::string& name, std::uint64_t address,
                           std::vector<std::string> uuids) {
  if (!has(name) || !adapters_.at(name).powered) return;
  const auto path = device_path(name, address);
  if (!links_.insert(path).second) return;
  if (!objects_.contains(path)) {
    added(path, {{kDeviceInterface, device(address, true)}});
  } else {
    changed(path, kDeviceInterface, {{"Connected", boolean(true)}});
  }
  if (!uuids.empty()) changed(path, kDeviceInterface, {{"UUIDs", texts(std::move(uuids))}});
  // The connection is there, so a dial of ours has ended well.
  const auto dialled = dials_.find(path);
  if (dialled == dials_.end()) return;
  const Call call = dialled->second;
  dials_.erase(dialled);
  bus_.answer(call);
}

void FakeBluez::drop(const std::string& name, std::uint64_t address) {
  hang_up(device_path(name, address));
}

void FakeBluez::forget(const std::string& name, std::uint64_t address) {
  remove_device(device_path(name, address), kAborted);
}

bool FakeBluez::connected(const std::string& name, std::uint64_t address) const {
  return links_.contains(device_path(name, address));
}

std::set<std::uint64_t> FakeBluez::connected_all(const std::string& name) const {
  std::set<std::uint64_t> out;
  for (const auto& path : links_) {
    if (!path.starts_with("/org/bluez/" + name + "/")) continue;
    std::string digits = path.substr(path.size() - 17);
    std::erase(digits, '_');
    out.insert(std::stoull(digits, nullptr, 16));
  }
  return out;
}

std::size_t FakeBluez::calls(const std::string& member) const {
  const auto found = counted_.find(member);
  return found == counted_.end() ? 0 : found->second;
}

void FakeBluez::hang_up(const std::string& path) {
  if (links_.erase(path) == 0) return;
  changed(path, kDeviceInterface, {{"Connected", boolean(false)}});
}

void FakeBluez::remove_device(const std::string& path, const char* why) {
  if (!objects_.contains(path)) return;
  const auto dialled = dials_.find(path);
  if (dialled != dials_.end()) {
    const Call call = dialled->second;
    dials_.erase(dialled);
    bus_.refuse(call, error("Failed"), why);
  }
  hang_up(path);
  removed(path, {kDeviceInterface, kProperties});
}

void FakeBluez::added(const std::string& path, BusInterfaces what) {
  objects_[path] = what;
  bus_.signal("/", kObjectManager, "InterfacesAdded", {object(path), interfaces(std::move(what))});
}

void FakeBluez::removed(const std::string& path, const std::vector<std::string>& gone) {
  objects_.erase(path);
  bus_.signal("/", kObjectManager, "InterfacesRemoved", {object(path), texts(gone)});
}

void FakeBluez::changed(const std::string& path, const std::string& interface, BusProperties what,
                        const std::vector<std::string>& gone) {
  auto& known = objects_[path][interface];
  for (const auto& [name, value] : what) known[name] = value;
  for (const auto& name : gone) known.erase(name);
  bus_.signal(path, kProperties, "PropertiesChanged",
              {text(interface), properties(std::move(what)), texts(gone)});
}

}  // namespace chaski::transport_ble
