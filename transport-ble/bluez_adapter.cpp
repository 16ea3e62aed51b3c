// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_adapter.hpp"

#include <algorithm>
#include <chrono>

#include "transport-ble/controller_settings.hpp"
#include "transport-ble/l2cap_socket.hpp"

namespace chaski::transport_ble {
namespace {

constexpr const char* kGattInterface = "org.bluez.GattManager1";
constexpr const char* kDoesNotExist = "org.bluez.Error.DoesNotExist";
constexpr const char* kAlreadyConnected = "org.bluez.Error.AlreadyConnected";
constexpr const char* kAlreadyExists = "org.bluez.Error.AlreadyExists";
constexpr const char* kInProgress = "org.bluez.Error.InProgress";
constexpr const char* kNoReply = "org.freedesktop.DBus.Error.NoReply";
/// The last that there can be (Core 5.4, Vol 3 Part A, 4.22): whoever listens there refuses.
constexpr std::uint16_t kNobodysPsm = 0x00ff;
constexpr std::chrono::seconds kProvokeFor{5};
constexpr int kNotHeard = -127;  // dBm: what the HCI has for a strength that is not known

}  // namespace

BluezAdapter::BluezAdapter(boost::asio::io_context& io, std::string name, std::size_t budget,
                           base::Random& random, Events events)
    : io_(io),
      name_(std::move(name)),
      events_(std::move(events)),
      manager_(budget, random),
      timer_(io) {}

void BluezAdapter::begin(std::shared_ptr<BluezSession> session,
                         std::shared_ptr<BluezObjects> objects) {
  auto& connection = session->loop()->connection();
  const std::string root = "/org/chaski/" + name_;
  advertisement_ = std::make_unique<BluezAdvertisement>(connection, root + "/advertisement");
  BluezService::Events lanes;
  lanes.lane = [weak = weak_from_this()](const std::string& path, std::unique_ptr<FramePipe> pipe) {
    if (auto self = weak.lock()) self->lane(path, std::move(pipe));
  };
  service_ = std::make_unique<BluezService>(io_, connection, root + "/gatt", std::move(lanes));
  session_ = std::move(session);
  objects_ = std::move(objects);
}

void BluezAdapter::end() {
  timer_.cancel();
  while (!links_.empty()) disconnected(links_.begin()->first);
  connected_.clear();
  strays_.clear();
  passers_by_.clear();
  manager_.adapter(BleLinkManager::Adapter::kAbsent, false, events_.now());
  paths_.clear();
  registered_.reset();
  service_.reset();
  advertisement_.reset();
  objects_.reset();
  session_.reset();
}

void BluezAdapter::state(const AdapterState& state) {
  state_ = state;
  const bool ready = state.powered && state.advertises && !silent_;
  if (!ready) registered_.reset();
  manager_.adapter(ready ? BleLinkManager::Adapter::kReady : BleLinkManager::Adapter::kOff,
                   state.extended, events_.now());
  if (!ready) {
    passers_by_.clear();
    // The links went with it, whether or not bluetoothd says so. What it says is connected later
    // has no slot, and is hung up.
    for (auto& [device, told] : links_) {
      if (std::exchange(told, false)) events_.disconnected(device);
    }
  }
  turn();
}

bool BluezAdapter::ours(const DeviceState& state) const {
  if (state.datum || state.serves) return true;
  const auto& slots = manager_.slots().all();
  return state.device && slots.contains(*state.device);
}

void BluezAdapter::device(const std::string& path, const DeviceState& was, const DeviceState& is,
                          bool heard) {
  if (was.device && was.device != is.device) {
    disconnected(*was.device);
    paths_.erase(*was.device);
  }
  if (!is.device) return;
  paths_[*is.device] = path;
  if (heard && is.datum) {
    const int rssi = is.rssi.value_or(kNotHeard);
    manager_.heard(*is.device, *is.datum, rssi, events_.now());
    events_.heard(*is.device, *is.datum, rssi);
  }
  if (!is.connected) {
    disconnected(*is.device);
  } else {
    connected_.insert(*is.device);
    if (ours(is) && !links_.contains(*is.device)) {
      // What was there before us has no link any more, and blocks the way of one.
      if (objects_->reading()) {
        strays_.insert(*is.device);
      } else if (!strays_.contains(*is.device)) {
        linked(*is.device);
      }
    }
    look_at_passer_by(is);
    const auto link = links_.find(*is.device);
    const bool was_resolved = was.device == is.device && was.connected && was.resolved;
    if (is.resolved && !was_resolved && link != links_.end() && link->second) {
      events_.resolved(*is.device);
    }
  }
  turn();
}

void BluezAdapter::look_at_passer_by(const DeviceState& state) {
  const Device device = *state.device;
  if (ours(state) || state.paired || links_.contains(device) || strays_.contains(device)) return;
  if (passers_by_.contains(device)) return;
  if (kernel_link(name_, device) != KernelLink::kTheyDialled) return;
  passers_by_.insert(device);
  manager_.passes_by(device, events_.now());
}

void BluezAdapter::linked(Device device) {
  passers_by_.erase(device);
  const auto [link, fresh] = links_.try_emplace(device, false);
  if (!fresh) return;
  link->second = manager_.connected(device, events_.now());
  if (link->second) events_.connected(device);
}

bool BluezAdapter::speaks(Device device) {
  if (!session_ || !paths_.contains(device) || strays_.contains(device)) return false;
  // Connected it is, though BlueZ may not say so (see provoke()).
  if (!connected_.contains(device)) objects_->learn_connected(paths_.at(device));
  linked(device);
  turn();
  const Slot* slot = manager_.slots().find(device);
  return slot != nullptr && slot->state == Slot::State::kOpen;
}

void BluezAdapter::authenticated(Device device, const Neighbour& neighbour) {
  manager_.authenticated(device, neighbour, events_.now());
  turn();
}

void BluezAdapter::close(Device device) {
  manager_.close(device, events_.now());
  turn();
}

void BluezAdapter::set_silent(bool silent) {
  if (std::exchange(silent_, silent) != silent) state(AdapterState(state_));
}

void BluezAdapter::set(const char* property, const sdbus::Variant& value) {
  // The owner may be about to hear that the bus is gone.
  if (!session_) return;
  session_->call<>(path(), "org.freedesktop.DBus.Properties", "Set", BluezSession::kTimeout,
                   [](const sdbus::Error*) {}, std::string(kAdapterInterface),
                   std::string(property), value);
}

void BluezAdapter::set_psm(std::uint16_t psm) {
  psm_ = psm;
  if (service_) service_->set_psm(psm);
}

std::optional<std::string> BluezAdapter::characteristic(Device device,
                                                        const std::string& uuid) const {
  const auto path = paths_.find(device);
  if (path == paths_.end() || !objects_) return std::nullopt;
  return objects_->characteristic(path->second, uuid);
}

void BluezAdapter::lane(const std::string& device_path, std::unique_ptr<FramePipe> pipe) {
  for (const auto& [device, path] : paths_) {
    if (path != device_path) continue;
    events_.lane(device, std::move(pipe));
    return;
  }
}

void BluezAdapter::disconnected(Device device) {
  if (connected_.erase(device) == 0) return;
  if (strays_.erase(device) + passers_by_.erase(device) != 0) {
    manager_.disconnected(device, events_.now());
  }
  const auto path = paths_.find(device);
  if (service_ && path != paths_.end()) service_->release(path->second);
  const auto link = links_.find(device);
  if (link == links_.end()) return;
  const bool told = link->second;
  links_.erase(link);
  manager_.disconnected(device, events_.now());
  if (told) events_.disconnected(device);
}

void BluezAdapter::device_gone(const std::string&, const DeviceState& state) {
  if (!state.device) return;
  disconnected(*state.device);
  paths_.erase(*state.device);
  turn();
}

void BluezAdapter::compared() {
  std::vector<Device> connected;
  for (const auto& [device, told] : links_) connected.push_back(device);
  for (const Device device : strays_) connected.push_back(device);
  for (const Device device : passers_by_) connected.push_back(device);
  manager_.reconcile(connected, events_.now());
  turn();
}

void BluezAdapter::turn() {
  // What a command tells us at once belongs to the turn that gave it.
  if (!session_ || std::exchange(turning_, true)) return;
  while (const auto command = manager_.next_command(events_.now())) carry_out(*command);
  turning_ = false;
  timer_.cancel();
  const auto now = events_.now();
  const auto at = manager_.next_wakeup(now);
  if (!at) return;
  timer_.expires_after(std::max(*at - now, base::Duration(std::chrono::milliseconds(1))));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    auto self = weak.lock();
    if (error || !self || !self->session_) return;
    self->manager_.wake(self->events_.now());
    self->turn();
  });
}

/// Whether it is, though BlueZ may say so later or not at all: when the attribute channel is there
/// before the kernel's word, nothing is said (device.c, device_add_connection).
bool BluezAdapter::is_connected(Device device) {
  if (connected_.contains(device)) return true;
  const auto path = paths_.find(device);
  if (path == paths_.end()) return false;
  if (kernel_link(name_, device).value_or(KernelLink::kNone) == KernelLink::kNone) return false;
  objects_->learn_connected(std::string(path->second));
  return connected_.contains(device);
}

/// BlueZ 5.66 takes a device for connected as soon as its attribute channel is there (device.c,
/// device_attach_att). Was that link lost meanwhile, it does so for good: it says "connected" to
/// whoever dials, and cannot hang up. A link that comes and goes in the kernel puts it right.
void BluezAdapter::provoke(Device device) {
  if (!state_.device) return;
  auto socket = dial_l2cap(*state_.device, device, kNobodysPsm);
  if (!socket) return;
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, kProvokeFor);
  timer->async_wait([timer, held = std::make_shared<Descriptor>(std::move(*socket))](
                        const boost::system::error_code&) {});
}

template <class... Args>
void BluezAdapter::ask(const Command& command, const std::string& path, const char* interface,
                       const char* method, std::chrono::seconds timeout, const Args&... args) {
  auto reply = [weak = weak_from_this(), command](const sdbus::Error* error) {
    if (auto self = weak.lock()) self->answer(command, error);
  };
  session_->call<>(path, interface, method, timeout, reply, args...);
}

void BluezAdapter::answer(const Command& command, const sdbus::Error* error) {
  Answer said = error == nullptr ? Answer::kDone : Answer::kFailed;
  if (error != nullptr) {
    const auto& name = error->getName();
    // What was wanted is so already.
    const bool done = (command.verb == Verb::kDial && name == kAlreadyConnected) ||
                      (command.verb == Verb::kRemove && name == kDoesNotExist) ||
                      (command.verb == Verb::kWithdraw && name == kDoesNotExist) ||
                      (command.verb == Verb::kRegister && name == kAlreadyExists);
    // No answer is none that says no; and BlueZ is busy with what was asked before.
    const bool unsure =
        name == kNoReply || (command.verb == Verb::kStopScan && name == kInProgress);
    if (done) said = Answer::kDone;
    if (unsure) said = Answer::kUnsure;
    if (!done) events_.failed(command, name + ": " + error->getMessage());
  }
  if (command.verb == Verb::kDial && said == Answer::kDone && !is_connected(command.device)) {
    said = Answer::kFailed;
    provoke(command.device);
  }
  // What is answered late was given up, and is undone already or soon.
  if (command.verb == Verb::kAdvertise && manager_.pending().has(command.id)) {
    registered_ = said == Answer::kDone ? std::optional(command.datum.tag) : std::nullopt;
  }
  manager_.answered(command.id, said, events_.now());
  turn();
}

void BluezAdapter::carry_out(const Command& command) {
  const auto timeout = BluezSession::kTimeout;
  const auto known = paths_.find(command.device);
  const std::string device = known == paths_.end() ? "" : known->second;
  const Properties none;
  if (events_.asked) events_.asked(command);
  switch (command.verb) {
    case Verb::kRegister:
      return ask(command, path(), kGattInterface, "RegisterApplication", timeout,
                 sdbus::ObjectPath(service_->path()), none);
    case Verb::kStartScan:
      return start_scan(command);
    case Verb::kStopScan:
      return ask(command, path(), kAdapterInterface, "StopDiscovery", timeout);
    case Verb::kAdvertise:
      return advertise(command);
    case Verb::kWithdraw:
      registered_.reset();
      return ask(command, path(), kAdvertisingInterface, "UnregisterAdvertisement", timeout,
                 sdbus::ObjectPath(advertisement_->path()));
    case Verb::kDial:
    case Verb::kCallOff:
    case Verb::kHangUp:
    case Verb::kRemove:
      break;
  }
  if (device.empty()) {
    // bluetoothd has forgotten it meanwhile.
    boost::asio::post(io_, [weak = weak_from_this(), command] {
      const sdbus::Error gone(kDoesNotExist, "no such device");
      if (auto self = weak.lock()) self->answer(command, &gone);
    });
    return;
  }
  if (command.verb == Verb::kRemove) {
    return ask(command, path(), kAdapterInterface, "RemoveDevice", timeout,
               sdbus::ObjectPath(device));
  }
  const bool dial = command.verb == Verb::kDial;
  ask(command, device, kDeviceInterface, dial ? "Connect" : "Disconnect",
      dial ? kDialTimeout : timeout);
}

void BluezAdapter::advertise(const Command& command) {
  advertisement_->set(command.datum, command.interval);
  if (registered_ == command.datum.tag) {
    try {
      advertisement_->tell();
      session_->loop()->update();
    } catch (const sdbus::Error&) {
      session_->loop()->fail();  // the connection broke
    }
    boost::asio::post(io_, [weak = weak_from_this(), command] {
      if (auto self = weak.lock()) self->answer(command, nullptr);
    });
    return;
  }
  ask(command, path(), kAdvertisingInterface, "RegisterAdvertisement", BluezSession::kTimeout,
      sdbus::ObjectPath(advertisement_->path()), Properties());
}

void BluezAdapter::start_scan(const Command& command) {
  // No UUIDs: the filter compares lists of services and not service data (ble.md, 2.7).
  const Properties filter{{"Transport", sdbus::Variant(std::string("le"))},
                          {"DuplicateData", sdbus::Variant(true)}};
  auto reply = [weak = weak_from_this(), command](const sdbus::Error* error) {
    auto self = weak.lock();
    if (!self || !self->session_) return;
    if (error != nullptr) return self->answer(command, error);
    // Given up meanwhile, and stopped: it must not begin behind that.
    if (!self->manager_.pending().has(command.id)) return;
    self->ask(command, self->path(), kAdapterInterface, "StartDiscovery", BluezSession::kTimeout);
  };
  session_->call<>(path(), kAdapterInterface, "SetDiscoveryFilter", BluezSession::kTimeout, reply,
                   filter);
}

}  // namespace chaski::transport_ble
