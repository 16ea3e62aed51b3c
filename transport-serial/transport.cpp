// SPDX-License-Identifier: Apache-2.0
#include "transport-serial/transport.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "transport-serial/device_watch.hpp"
#include "transport-serial/port.hpp"

namespace chaski::transport_serial {
namespace {

bool is_pattern(const std::string& name) {
  return name.find_first_of("*?[") != std::string::npos;
}

}  // namespace

struct SerialTransport::Impl : std::enable_shared_from_this<Impl> {
  Impl(boost::asio::io_context& io, SerialConfig wanted, base::Random& random)
      : config(std::move(wanted)),
        host(std::make_shared<PortHost>(io, random)),
        watch(std::make_shared<DeviceWatch>(io, config.devices)) {}

  void look();
  void open(const Device& device);
  void ended(const Port& port, const char* why);
  std::shared_ptr<Port> port_of(base::LinkId link) const;
  PortStatus status_of(const Port& port) const;
  void log(int level, const std::string& line) const {
    if (host->hooks.log) host->hooks.log(level, line);
  }

  SerialConfig config;
  std::shared_ptr<PortHost> host;
  std::shared_ptr<DeviceWatch> watch;
  std::map<std::uint64_t, std::shared_ptr<Port>> ports;  ///< by the number of their device
  struct Refused {
    std::string path;
    TtyProblem problem;
  };
  std::map<std::uint64_t, Refused> refused;
  std::size_t left_out = 0;
  bool stopping = false;
};

void SerialTransport::Impl::look() {
  if (stopping) return;
  const auto devices = find_devices(config.devices);
  const auto gone = [&devices](std::uint64_t number) {
    return std::none_of(devices.begin(), devices.end(),
                        [number](const Device& device) { return device.number == number; });
  };
  std::erase_if(refused, [&gone](const auto& entry) { return gone(entry.first); });
  left_out = 0;
  for (const Device& device : devices) {
    if (ports.contains(device.number)) continue;
    if (ports.size() >= kPortsMax) {
      ++left_out;
    } else {
      open(device);
    }
  }
}

void SerialTransport::Impl::open(const Device& device) {
  const TtySettings settings{config.baud, config.hardware_flow};
  const auto descriptor = open_tty(device.path, settings);
  if (!descriptor) {
    const auto& problem = descriptor.error();
    auto& before = refused[device.number];
    if (before.problem.what != problem.what && !problem.mend.empty()) {
      log(4, problem.what + "; " + problem.mend);
    }
    before = {device.path, problem};
    return;
  }
  refused.erase(device.number);
  log(6, device.path + ": opened");
  auto port = std::make_shared<Port>(host, device.path, device.number, *descriptor, settings);
  ports[device.number] = port;
  port->start([weak = weak_from_this(), raw = port.get()](const char* why) {
    if (auto self = weak.lock()) self->ended(*raw, why);
  });
}

void SerialTransport::Impl::ended(const Port& port, const char* why) {
  log(6, port.path() + ": closed: " + why);
  const auto found = ports.find(port.device());
  if (found != ports.end() && found->second.get() == &port) ports.erase(found);
  // It may be back already, under the same number.
  if (!stopping) watch->look_soon();
}

std::shared_ptr<Port> SerialTransport::Impl::port_of(base::LinkId link) const {
  for (const auto& [number, port] : ports) {
    if (port->link() == link) return port;
  }
  return nullptr;
}

PortStatus SerialTransport::Impl::status_of(const Port& port) const {
  PortStatus status;
  const LineCounters& counters = port.line().counters();
  status.device = port.path();
  status.present = status.open = true;
  status.since = port.since();
  status.linked = port.link().has_value();
  status.peer = port.peer;
  status.hears_itself = counters.own > 0 && port.sessions() == 0;
  status.bytes_received = counters.bytes_received;
  status.bytes_sent = counters.bytes_sent;
  status.packets_received = counters.packets_received;
  status.packets_sent = counters.packets_sent;
  status.damaged = counters.damaged + counters.too_long;
  status.sent_again = port.line().sent_again();
  status.sessions = port.sessions();
  return status;
}

SerialTransport::SerialTransport(boost::asio::io_context& io, const SerialConfig& config,
                                 base::Random& random, std::function<base::Time()> now,
                                 base::TransportHooks hooks)
    : impl_(std::make_shared<Impl>(io, config, random)) {
  impl_->host->now = std::move(now);
  impl_->host->hooks = std::move(hooks);
}

SerialTransport::~SerialTransport() {
  impl_->host->alive = false;
  impl_->stopping = true;
  impl_->watch->stop();
  for (const auto& [number, port] : impl_->ports) port->abandon();
}

void SerialTransport::start() {
  impl_->watch->start([weak = std::weak_ptr<Impl>(impl_)] {
    if (auto impl = weak.lock()) impl->look();
  });
}

void SerialTransport::stop() {
  impl_->stopping = true;
  impl_->watch->stop();
  for (const auto& [number, port] : impl_->ports) port->stop();
}

void SerialTransport::kick(base::LinkId link) {
  if (const auto port = impl_->port_of(link)) port->kick();
}

void SerialTransport::close(base::LinkId link) {
  if (const auto port = impl_->port_of(link)) port->close();
}

void SerialTransport::identified(base::LinkId link, base::ByteView peer) {
  if (const auto port = impl_->port_of(link)) port->peer.assign(peer.begin(), peer.end());
}

std::size_t SerialTransport::links() const {
  return static_cast<std::size_t>(
      std::count_if(impl_->ports.begin(), impl_->ports.end(),
                    [](const auto& entry) { return entry.second->line().open(); }));
}

SerialStatus SerialTransport::status() const {
  SerialStatus status;
  status.left_out = impl_->left_out;
  const auto named = [&status](const std::string& path) {
    return std::any_of(status.ports.begin(), status.ports.end(),
                       [&path](const PortStatus& port) { return port.device == path; });
  };
  for (const auto& [number, port] : impl_->ports) {
    status.ports.push_back(impl_->status_of(*port));
    if (status.ports.back().linked) ++status.links;
  }
  for (const auto& [number, refused] : impl_->refused) {
    PortStatus port;
    port.device = refused.path;
    port.present = true;
    port.problem = refused.problem.what;
    port.mend = refused.problem.mend;
    status.ports.push_back(std::move(port));
  }
  for (const std::string& device : impl_->config.devices) {
    // What is there under another name is in the list already.
    if (is_pattern(device) || named(device) || !find_devices({device}).empty()) continue;
    PortStatus port;
    port.device = device;
    status.ports.push_back(std::move(port));
  }
  std::sort(status.ports.begin(), status.ports.end(),
            [](const PortStatus& a, const PortStatus& b) { return a.device < b.device; });
  return status;
}

}  // namespace chaski::transport_serial
