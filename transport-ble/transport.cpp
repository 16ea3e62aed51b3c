// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/transport.hpp"

#include <syslog.h>

#include <algorithm>
#include <map>
#include <utility>

#include "transport-ble/bluez_links.hpp"
#include "transport-ble/bluez_radio.hpp"
#include "transport-ble/controller_settings.hpp"

namespace chaski::transport_ble {
namespace {

/// What everybody is told instead of the machine's name (ble.md, 5.12).
constexpr const char* kNoName = "device";

}  // namespace

/// The conductor: adapters with their links, links by number.
struct BleTransport::Impl : std::enable_shared_from_this<BleTransport::Impl> {
  struct Here {
    AdapterState state;
    std::optional<ControllerSettings> settings;
    std::shared_ptr<BluezLinks> links;  ///< once it went on the air
    std::map<Verb, std::string> refused;  ///< when it was last asked for
  };

  Impl(boost::asio::io_context& context, const BleConfig& configuration, base::Random& chance,
       std::function<base::Time()> clock, base::TransportHooks hooks)
      : io(context),
        config(configuration),
        random(chance),
        now(std::move(clock)),
        host(std::make_shared<PipeLinkHost>(context)) {
    host->hooks = std::move(hooks);
  }

  void start();
  void stop();
  void stop_when_done();
  bool wanted(const std::string& name) const;
  BluezAdapter::Events events_of(const std::string& name);
  void state(const std::string& name, const AdapterState& state);
  void gone(const std::string& name);
  void asked(const std::string& name, const Command& command);
  void failed(const std::string& name, const Command& command, const std::string& error);
  std::shared_ptr<BluezLinks> links_of(const std::string& name) const;
  std::shared_ptr<BluezLinks> make_links(const std::string& name);
  std::size_t link_count() const;
  BleStatus status() const;
  void adapter_problems(const std::string& name, const Here& here, BleStatus& status) const;
  void log(int level, const std::string& text) {
    if (host->alive && host->hooks.log) host->hooks.log(level, text);
  }

  boost::asio::io_context& io;
  BleConfig config;
  base::Random& random;
  std::function<base::Time()> now;
  std::shared_ptr<PipeLinkHost> host;
  std::shared_ptr<BluezRadio> radio;
  std::map<std::string, Here> adapters;
  std::map<base::LinkId, std::weak_ptr<PipeLink>> links;
  BleLinkManager::Wishes wishes;
  std::string problem;
  bool stopping = false;
};

bool BleTransport::Impl::wanted(const std::string& name) const {
  const auto& named = config.adapters;
  return named.empty() || std::find(named.begin(), named.end(), name) != named.end();
}

void BleTransport::Impl::start() {
  const auto weak = weak_from_this();
  BluezRadio::Events events;
  events.now = now;
  events.wanted = [weak](const std::string& name) {
    const auto self = weak.lock();
    return self && self->wanted(name);
  };
  events.of = [weak](const std::string& name) {
    const auto self = weak.lock();
    return self ? self->events_of(name) : BluezAdapter::Events();
  };
  events.state = [weak](const std::string& name, const AdapterState& state) {
    if (const auto self = weak.lock()) self->state(name, state);
  };
  events.gone = [weak](const std::string& name) {
    if (const auto self = weak.lock()) self->gone(name);
  };
  events.problem = [weak](const std::string& text) {
    const auto self = weak.lock();
    if (!self || self->problem == text) return;
    self->problem = text;
    self->log(LOG_INFO, text.empty() ? "bluetoothd is here" : text);
  };
  radio = std::make_shared<BluezRadio>(io, config.links_max, random, std::move(events));
  radio->start();
}

BluezAdapter::Events BleTransport::Impl::events_of(const std::string& name) {
  const auto weak = weak_from_this();
  const auto links_here = [weak, name]() -> std::shared_ptr<BluezLinks> {
    const auto self = weak.lock();
    return self ? self->links_of(name) : nullptr;
  };
  BluezAdapter::Events events;
  events.now = now;
  events.heard = [](Device, const Datum&, int) {};
  events.connected = [links_here](Device device) {
    if (const auto here = links_here()) here->connected(device);
  };
  events.resolved = [links_here](Device device) {
    if (const auto here = links_here()) here->resolved(device);
  };
  events.disconnected = [links_here](Device device) {
    if (const auto here = links_here()) here->disconnected(device);
  };
  events.lane = [links_here](Device device, std::unique_ptr<FramePipe> pipe) {
    if (const auto here = links_here()) here->lane(device, std::move(pipe));
  };
  events.asked = [weak, name](const Command& command) {
    if (const auto self = weak.lock()) self->asked(name, command);
  };
  events.failed = [weak, name](const Command& command, const std::string& error) {
    if (const auto self = weak.lock()) self->failed(name, command, error);
  };
  return events;
}

std::shared_ptr<BluezLinks> BleTransport::Impl::links_of(const std::string& name) const {
  const auto found = adapters.find(name);
  return found == adapters.end() ? nullptr : found->second.links;
}

std::shared_ptr<BluezLinks> BleTransport::Impl::make_links(const std::string& name) {
  const auto adapter = radio->find(name);
  if (!adapter) return nullptr;
  const auto weak = weak_from_this();
  BluezLinks::Events events;
  events.opened = [weak](base::LinkId link, const std::shared_ptr<PipeLink>& opened) {
    if (const auto self = weak.lock()) self->links[link] = opened;
  };
  events.ended = [weak](base::LinkId link) {
    const auto self = weak.lock();
    if (!self) return;
    self->links.erase(link);
    if (self->stopping) self->stop_when_done();
  };
  events.log = [weak, name](int level, const std::string& text) {
    if (const auto self = weak.lock()) self->log(level, name + ": " + text);
  };
  return std::make_shared<BluezLinks>(host, adapter, std::move(events));
}

void BleTransport::Impl::state(const std::string& name, const AdapterState& state) {
  Here& here = adapters[name];
  if (!here.settings || here.state.powered != state.powered) here.settings = read_controller(name);
  here.state = state;
  const auto adapter = radio->find(name);
  if (!adapter) return;
  if (!here.links) here.links = make_links(name);
  if (state.device && here.links) here.links->listen(*state.device, config.channels);
  adapter->manager().wish(wishes, now());
  const bool tracked = config.require_privacy && !(here.settings && here.settings->privacy);
  adapter->set_silent(tracked);
  // BlueZ allows it again whenever somebody registers an agent.
  if (state.powered && state.pairable && !config.leave_pairable) adapter->forbid_pairing();
  if (state.powered && state.alias != kNoName && !config.leave_name) adapter->hide_name(kNoName);
}

void BleTransport::Impl::gone(const std::string& name) {
  const auto found = adapters.find(name);
  if (found == adapters.end()) return;
  if (found->second.links) found->second.links->end();
  adapters.erase(found);
}

void BleTransport::Impl::asked(const std::string& name, const Command& command) {
  log(LOG_DEBUG, name + ": " + to_string(command.verb));
  const auto found = adapters.find(name);
  // What it refused before may be granted now.
  if (found != adapters.end()) found->second.refused.erase(command.verb);
}

void BleTransport::Impl::failed(const std::string& name, const Command& command,
                                const std::string& error) {
  log(LOG_DEBUG, name + ": " + to_string(command.verb) + " failed: " + error);
  const auto found = adapters.find(name);
  if (found != adapters.end()) found->second.refused[command.verb] = error;
}

std::size_t BleTransport::Impl::link_count() const {
  std::size_t count = 0;
  for (const auto& [name, here] : adapters) count += here.links ? here.links->size() : 0;
  return count;
}

void BleTransport::Impl::stop() {
  if (std::exchange(stopping, true)) return;
  for (const auto& [name, here] : adapters) {
    if (here.links) here.links->close_all();
  }
  stop_when_done();
}

/// Who leaves the bus cannot hang up any more.
void BleTransport::Impl::stop_when_done() {
  if (link_count() == 0 && radio) std::exchange(radio, nullptr)->stop();
}

void BleTransport::Impl::adapter_problems(const std::string& name, const Here& here,
                                          BleStatus& status) const {
  auto& problems = status.problems;
  if (!here.state.powered) {
    problems.push_back({"the Bluetooth adapter " + name + " is off",
                        "switch it on: rfkill unblock bluetooth, then bluetoothctl power on"});
    return;
  }
  if (!here.state.advertises) {
    problems.push_back({"the Bluetooth adapter " + name + " cannot advertise, so nobody hears us",
                        "use an adapter with Bluetooth 4.0 or later"});
    return;
  }
  if (!here.settings || !here.settings->privacy) {
    const std::string what = "the Bluetooth address of " + name +
                             " never changes: who listens can follow this machine";
    problems.push_back({config.require_privacy ? what + "; it stays off the air" : what,
                        "set Privacy = device under [General] in /etc/bluetooth/main.conf, and "
                        "restart bluetooth"});
  }
  if (config.leave_name && here.state.alias != kNoName) {
    problems.push_back({"whoever connects to " + name + " may read its name, " + here.state.alias,
                        "set ble.leave_name = false, or choose another: bluetoothctl "
                        "system-alias device"});
  }
  const auto adapter = radio ? radio->find(name) : nullptr;
  const bool on_air = adapter && adapter->manager().advertising();
  for (const Verb verb : {Verb::kRegister, Verb::kAdvertise}) {
    const auto refused = here.refused.find(verb);
    if (on_air || refused == here.refused.end()) continue;
    problems.push_back({"bluetoothd does not let us " + to_string(verb) + " on " + name + ": " +
                            refused->second,
                        "look at journalctl -u bluetooth; the policy is in "
                        "/etc/dbus-1/system.d/bluetooth.conf"});
  }
  if (here.links && !here.links->problem().empty()) {
    problems.push_back({"no Bluetooth channels on " + name + ": " + here.links->problem(),
                        "links use the slower lanes; look at the limits of this service"});
  }
}

BleStatus BleTransport::Impl::status() const {
  BleStatus status;
  // A machine without Bluetooth has nothing to mend.
  const bool expected = !config.adapters.empty() || has_controller();
  if (!problem.empty() && expected) {
    const auto colon = problem.find(": ");
    status.problems.push_back({problem.substr(0, colon),
                               colon == std::string::npos ? "" : problem.substr(colon + 2)});
  }
  for (const auto& name : config.adapters) {
    if (!problem.empty() || adapters.contains(name)) continue;
    status.problems.push_back({"there is no Bluetooth adapter " + name,
                               "plug it in, or change ble.adapters; bluetoothctl list names them"});
  }
  for (const auto& [name, here] : adapters) {
    BleStatus::Adapter one;
    one.name = name;
    one.powered = here.state.powered;
    one.extended = here.state.extended;
    one.intervals = here.state.intervals;
    one.privacy = here.settings && here.settings->privacy;
    if (const auto adapter = radio ? radio->find(name) : nullptr) {
      one.advertising = adapter->manager().advertising();
      one.scanning = adapter->manager().scanning();
      one.heard = adapter->manager().neighbourhood().size();
      one.slots = adapter->manager().slots().size();
    }
    one.links = here.links ? here.links->open() : 0;
    one.lanes = here.links ? here.links->open(PipeKind::lane) : 0;
    status.adapters.push_back(one);
    adapter_problems(name, here, status);
  }
  return status;
}

BleTransport::BleTransport(boost::asio::io_context& io, const BleConfig& config,
                           base::Random& random, std::function<base::Time()> now,
                           base::TransportHooks hooks)
    : impl_(std::make_shared<Impl>(io, config, random, std::move(now), std::move(hooks))) {}

BleTransport::~BleTransport() {
  impl_->host->alive = false;
  impl_->stop();
  if (impl_->radio) std::exchange(impl_->radio, nullptr)->stop();
}

void BleTransport::start() { impl_->start(); }
void BleTransport::stop() { impl_->stop(); }

void BleTransport::wish(const Wishes& wishes) {
  impl_->wishes = wishes;
  for (const auto& [name, here] : impl_->adapters) {
    const auto adapter = impl_->radio ? impl_->radio->find(name) : nullptr;
    if (!adapter) continue;
    adapter->manager().wish(wishes, impl_->now());
    adapter->turn();
  }
}

void BleTransport::kick(base::LinkId link) {
  const auto found = impl_->links.find(link);
  const auto here = found == impl_->links.end() ? nullptr : found->second.lock();
  if (here) here->kick();
}

void BleTransport::close(base::LinkId link) {
  const auto found = impl_->links.find(link);
  const auto here = found == impl_->links.end() ? nullptr : found->second.lock();
  if (here) here->close();
}

void BleTransport::rotate() {
  for (const auto& [name, here] : impl_->adapters) {
    const auto adapter = impl_->radio ? impl_->radio->find(name) : nullptr;
    if (!adapter) continue;
    adapter->manager().rotate(impl_->now());
    adapter->turn();
  }
}

void BleTransport::identified(base::LinkId link, base::ByteView peer) {
  Neighbour neighbour;
  if (peer.size() != neighbour.bytes.size()) return;
  std::copy(peer.begin(), peer.end(), neighbour.bytes.begin());
  for (const auto& [name, here] : impl_->adapters) {
    if (here.links) here.links->identified(link, neighbour);
  }
}

std::size_t BleTransport::links() const { return impl_->link_count(); }
BleStatus BleTransport::status() const { return impl_->status(); }

}  // namespace chaski::transport_ble
