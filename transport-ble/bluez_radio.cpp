// SPDX-License-Identifier: Apache-2.0
#include "transport-ble/bluez_radio.hpp"

namespace chaski::transport_ble {

BluezRadio::BluezRadio(boost::asio::io_context& io, std::size_t budget, base::Random& random,
                       Events events)
    : io_(io), budget_(budget), random_(random), events_(std::move(events)) {}

void BluezRadio::start() {
  dbus::Service::Events life;
  life.came = [weak = weak_from_this()](const std::shared_ptr<dbus::SdbusLoop>& loop) {
    if (auto self = weak.lock()) self->came(loop);
  };
  life.went = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->went();
  };
  life.problem = events_.problem;
  service_ = std::make_shared<dbus::Service>(io_, BluezSession::kName, "bluetoothd", life);
  service_->start();
}

void BluezRadio::stop() {
  if (service_) service_->stop();
  // Leaving the bus is the goodbye: bluetoothd ends what a client that went away had asked for.
  boost::asio::post(io_, [self = shared_from_this()] { self->went(); });
}

void BluezRadio::came(const std::shared_ptr<dbus::SdbusLoop>& loop) {
  session_ = std::make_shared<BluezSession>(loop);
  BluezObjects::Events wanted;
  const auto weak = weak_from_this();
  wanted.adapter = [weak](const std::string& name, const AdapterState& state) {
    if (auto self = weak.lock()) self->adapter(name, state);
  };
  wanted.adapter_gone = [weak](const std::string& name) {
    if (auto self = weak.lock()) self->adapter_gone(name);
  };
  wanted.device = [weak](const std::string& name, const std::string& path, const DeviceState& was,
                         const DeviceState& is, bool heard) {
    auto self = weak.lock();
    const auto adapter = self ? self->find(name) : nullptr;
    if (adapter) adapter->device(path, was, is, heard);
  };
  wanted.device_gone = [weak](const std::string& name, const std::string& path,
                              const DeviceState& state) {
    auto self = weak.lock();
    if (const auto adapter = self ? self->find(name) : nullptr) adapter->device_gone(path, state);
  };
  wanted.compared = [weak] {
    auto self = weak.lock();
    if (!self) return;
    for (const auto& [name, adapter] : self->adapters_) adapter->compared();
  };
  wanted.problem = events_.problem;
  objects_ = std::make_shared<BluezObjects>(io_, session_, std::move(wanted));
  try {
    objects_->start();
  } catch (const sdbus::Error&) {
    loop->fail();  // the connection broke
  }
}

void BluezRadio::went() {
  for (const auto& [name, adapter] : adapters_) {
    adapter->end();
    events_.gone(name);
  }
  adapters_.clear();
  if (objects_) objects_->stop();
  objects_.reset();
  session_.reset();
}

void BluezRadio::adapter(const std::string& name, const AdapterState& state) {
  if (!events_.wanted(name)) return;
  auto& adapter = adapters_[name];
  if (!adapter) {
    adapter = std::make_shared<BluezAdapter>(io_, name, budget_, random_, events_.of(name));
    try {
      adapter->begin(session_, objects_);
    } catch (const sdbus::Error&) {
      adapters_.erase(name);
      return session_->loop()->fail();  // the connection broke: all of this ends
    }
  }
  events_.state(name, state);
  adapter->state(state);
}

void BluezRadio::adapter_gone(const std::string& name) {
  const auto found = adapters_.find(name);
  if (found == adapters_.end()) return;
  const auto adapter = found->second;
  adapters_.erase(found);
  // At once: another of its name may come with the next signal, and needs the same paths.
  adapter->end();
  events_.gone(name);
}

std::shared_ptr<BluezAdapter> BluezRadio::find(const std::string& adapter) {
  const auto found = adapters_.find(adapter);
  return found == adapters_.end() ? nullptr : found->second;
}

}  // namespace chaski::transport_ble
