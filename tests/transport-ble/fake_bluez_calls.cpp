// SPDX-License-Identifier: Apache-2.0
// What bluetoothd does when it is asked.
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "fake_bluez.hpp"
#include "transport-ble/bluez_decode.hpp"

namespace chaski::transport_ble {
namespace {

constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kAdvertisement = "org.bluez.LEAdvertisement1";

std::string error(const char* what) {
  return std::string("org.bluez.Error.") + what;
}

/// Calls `each(key)` at the value of every entry; it has to read or skip it.
template <class Each>
void read_dict(sd_bus_message* from, char key, const char* value, Each each) {
  const std::string entry = std::string(1, key) + value;
  check(sd_bus_message_enter_container(from, 'a', ("{" + entry + "}").c_str()));
  while (sd_bus_message_enter_container(from, 'e', entry.c_str()) > 0) {
    const char* name = nullptr;
    check(sd_bus_message_read_basic(from, key, static_cast<void*>(&name)));
    each(std::string(name));
    check(sd_bus_message_exit_container(from));
  }
  check(sd_bus_message_exit_container(from));
}

FakeBluez::Advertisement read(sd_bus_message* from) {
  FakeBluez::Advertisement out;
  read_dict(from, 's', "v", [&](const std::string& name) {
    if (name == "ServiceData") {
      check(sd_bus_message_enter_container(from, 'v', "a{sv}"));
      read_dict(from, 's', "v", [&](const std::string& uuid) {
        const void* data = nullptr;
        std::size_t size = 0;
        check(sd_bus_message_enter_container(from, 'v', "ay"));
        check(sd_bus_message_read_array(from, 'y', &data, &size));
        check(sd_bus_message_exit_container(from));
        const auto* first = static_cast<const std::uint8_t*>(data);
        out.datum.assign(first, first + size);
        out.uuids.push_back(uuid);
      });
      check(sd_bus_message_exit_container(from));
    } else if (name == "MinInterval") {
      check(sd_bus_message_read(from, "v", "u", &out.interval_ms));
    } else {
      check(sd_bus_message_skip(from, "v"));
    }
  });
  return out;
}

std::vector<std::string> read_uuids(sd_bus_message* from) {
  std::vector<std::string> out;
  read_dict(from, 'o', "a{sa{sv}}", [&](const std::string&) {
    read_dict(from, 's', "a{sv}", [&](const std::string&) {
      read_dict(from, 's', "v", [&](const std::string& name) {
        const char* uuid = nullptr;
        if (name != "UUID") return check(sd_bus_message_skip(from, "v"));
        check(sd_bus_message_read(from, "v", "s", &uuid));
        out.emplace_back(uuid);
      });
    });
  });
  return out;
}

}  // namespace

void FakeBluez::later(base::Duration after, std::function<void()> what) {
  if (after.count() == 0) return what();
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, after);
  timer->async_wait([timer, life = std::weak_ptr<int>(life_),
                     what = std::move(what)](const boost::system::error_code& failed) {
    if (!failed && !life.expired()) what();
  });
}

void FakeBluez::called(const Call& call) {
  ++counted_[call.member];
  if (spy) spy(call);
  if (call.member == "Disconnect") called_off_.insert(call.path);
  if (call.member == "RemoveDevice" && call.object) called_off_.insert(*call.object);
  const Manner how = manner(call);
  Call heard = call;
  heard.mute = !how.answers;
  heard.answer_after = how.answer_after;
  // One thing after the other, as a bluetoothd that hangs for a while would.
  const auto now = std::chrono::steady_clock::now();
  busy_until_ = std::max(busy_until_, now + how.after);
  queue_.push_back([this, heard, how] {
    if (!how.error.empty()) return bus_.refuse(heard, how.error);
    if (how.acts) return act(heard);
    bus_.answer(heard);
  });
  // Timers of one time have no order; the queue has.
  later(std::chrono::duration_cast<base::Duration>(busy_until_ - now), [this] {
    const auto next = std::move(queue_.front());
    queue_.pop_front();
    next();
  });
}

void FakeBluez::act(const Call& call) {
  if (call.interface == kObjectManager && call.path == "/") {
    return bus_.answer(call, {objects(objects_)});
  }
  const auto name = adapter_of(call.path);
  if (!name || !has(*name) || !objects_.contains(call.path)) {
    return bus_.refuse(call, "org.freedesktop.DBus.Error.UnknownObject");
  }
  if (call.interface == kDeviceInterface) return on_device(*name, call);
  on_adapter(*name, call);
}

void FakeBluez::on_adapter(const std::string& name, const Call& call) {
  Adapter& adapter = adapters_.at(name);
  const std::string& what = call.member;
  if (what == "SetDiscoveryFilter") return bus_.answer(call);
  if (what == "RegisterApplication") return read_services(name, call);
  if (what == "RemoveDevice") {
    if (!call.object || !objects_.contains(*call.object)) {
      return bus_.refuse(call, error("DoesNotExist"));
    }
    remove_device(*call.object, "le-connection-abort-by-local");
    return bus_.answer(call);
  }
  if (!adapter.powered) return bus_.refuse(call, error("NotReady"), "Resource Not Ready");
  if (what == "StartDiscovery") {
    if (!adapter.scanning.insert(call.sender).second) return bus_.refuse(call, error("InProgress"));
    for (const auto& [path, dialled] : dials_) {
      if (adapter_of(path) != name || called_off_.contains(path)) continue;
      wrongs_.insert("scans while it dials, on " + name);
    }
    ++adapter.scans;
    changed(call.path, kAdapterInterface, {{"Discovering", boolean(true)}});
    return bus_.answer(call);
  }
  if (what == "StopDiscovery") {
    if (adapter.scanning.erase(call.sender) == 0) {
      return bus_.refuse(call, error("Failed"), "No discovery started");
    }
    changed(call.path, kAdapterInterface, {{"Discovering", boolean(false)}});
    return bus_.answer(call);
  }
  if (what == "RegisterAdvertisement") {
    if (adapter.advertisements.contains(call.sender))
      return bus_.refuse(call, error("AlreadyExists"));
    if (!call.object) return bus_.refuse(call, error("InvalidArguments"));
    return read_advertisement(name, call.sender, *call.object, call);
  }
  if (what == "UnregisterAdvertisement") {
    if (adapter.advertisements.erase(call.sender) == 0)
      return bus_.refuse(call, error("DoesNotExist"));
    return bus_.answer(call);
  }
  bus_.refuse(call, "org.freedesktop.DBus.Error.UnknownMethod");
}

void FakeBluez::on_device(const std::string& name, const Call& call) {
  if (call.member == "Connect") return dial(name, call);
  if (call.member != "Disconnect") {
    return bus_.refuse(call, "org.freedesktop.DBus.Error.UnknownMethod");
  }
  const auto dialled = dials_.find(call.path);
  if (dialled != dials_.end()) {
    const Call ended = dialled->second;
    dials_.erase(dialled);
    bus_.refuse(ended, error("Failed"), "le-connection-abort-by-local");
    return bus_.answer(call);
  }
  if (!links_.contains(call.path)) return bus_.refuse(call, error("NotConnected"));
  hang_up(call.path);
  bus_.answer(call);
}

void FakeBluez::dial(const std::string& name, const Call& call) {
  Adapter& adapter = adapters_.at(name);
  if (!adapter.powered) return bus_.refuse(call, error("NotReady"), "Resource Not Ready");
  if (links_.contains(call.path)) return bus_.refuse(call, error("AlreadyConnected"));
  if (dials_.contains(call.path)) return bus_.refuse(call, error("InProgress"));
  if (!adapter.scanning.empty()) wrongs_.insert("dials while it scans, on " + name);
  ++adapter.dials;
  dials_[call.path] = call;
  called_off_.erase(call.path);
  std::string digits = call.path.substr(call.path.size() - 17);
  std::erase(digits, '_');
  const auto after = reach(std::stoull(digits, nullptr, 16));
  if (!after) return;
  later(*after, [this, path = call.path, message = call.message] {
    const auto still = dials_.find(path);
    if (still == dials_.end() || still->second.message != message) return;
    const Call done = still->second;
    dials_.erase(still);
    links_.insert(path);
    changed(path, kDeviceInterface, {{"Connected", boolean(true)}});
    bus_.answer(done);
  });
}

void FakeBluez::read_advertisement(const std::string& name, const std::string& client,
                                   const std::string& path, std::optional<Call> call) {
  auto reply = [this, name, client, path, call](sd_bus_message* said) {
    const bool there = has(name) && adapters_.at(name).powered;
    if (said == nullptr || !there) {
      if (call) bus_.refuse(*call, error("Failed"));
      return;
    }
    auto& known = adapters_.at(name).advertisements;
    if (!call && !known.contains(client)) return;  // withdrawn meanwhile
    known[client] = read(said);
    known[client].path = path;
    if (call) bus_.answer(*call);
  };
  bus_.ask(client, path, kProperties, "GetAll", {text(kAdvertisement)}, std::move(reply));
}

void FakeBluez::read_services(const std::string& name, const Call& call) {
  if (adapters_.at(name).services.contains(call.sender)) {
    return bus_.refuse(call, error("AlreadyExists"));
  }
  if (!call.object) return bus_.refuse(call, error("InvalidArguments"));
  auto reply = [this, name, call](sd_bus_message* said) {
    if (said == nullptr || !has(name)) return bus_.refuse(call, error("Failed"));
    adapters_.at(name).services[call.sender] = read_uuids(said);
    bus_.answer(call);
  };
  bus_.ask(call.sender, *call.object, kObjectManager, "GetManagedObjects", {}, std::move(reply));
}

void FakeBluez::client_left(const std::string& client) {
  for (auto& [name, adapter] : adapters_) {
    adapter.scanning.erase(client);
    adapter.advertisements.erase(client);
    adapter.services.erase(client);
  }
}

}  // namespace chaski::transport_ble
