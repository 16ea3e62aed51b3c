// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "dbus/service.hpp"
#include "transport-ble/bluez_adapter.hpp"
#include "transport-ble/bluez_objects.hpp"

namespace chaski::transport_ble {

/// All adapters of the machine, or those that are named, through whatever bluetoothd does.
///
/// Bus, bluetoothd and adapters may be missing, stop and come back at any time; what is wanted is
/// asked for anew by each adapter's manager.
class BluezRadio : public std::enable_shared_from_this<BluezRadio> {
 public:
  struct Events {
    std::function<base::Time()> now;
    std::function<bool(const std::string& adapter)> wanted;
    /// What is on the air, and the links of one adapter.
    std::function<BluezAdapter::Events(const std::string& adapter)> of;
    std::function<void(const std::string& adapter, const AdapterState&)> state;
    std::function<void(const std::string& adapter)> gone;
    std::function<void(const std::string& problem)> problem;
  };

  BluezRadio(boost::asio::io_context& io, std::size_t budget, base::Random& random, Events events);
  void start();
  void stop();

  std::shared_ptr<BluezAdapter> find(const std::string& adapter);

 private:
  void came(const std::shared_ptr<dbus::SdbusLoop>& loop);
  void went();
  void adapter(const std::string& name, const AdapterState& state);
  void adapter_gone(const std::string& name);

  boost::asio::io_context& io_;
  std::size_t budget_;
  base::Random& random_;
  Events events_;
  std::shared_ptr<dbus::Service> service_;
  std::shared_ptr<BluezSession> session_;
  std::shared_ptr<BluezObjects> objects_;
  std::map<std::string, std::shared_ptr<BluezAdapter>> adapters_;
};

}  // namespace chaski::transport_ble
