// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "transport-ble/bluez_decode.hpp"
#include "transport-ble/bluez_session.hpp"

namespace chaski::transport_ble {

/// What one bluetoothd has: adapters and devices, followed by its signals.
///
/// Rules: (1) at most kAdaptersMax adapters and kDevicesMax devices of all are followed, the rest
/// is ignored. (2) Everything is read again every kReconcileEvery, so that a signal that was missed
/// is mended; what fails is tried again after kReadAgain, doubling to that. (3) A signal that is
/// not as BlueZ documents it is ignored, and counted.
class BluezObjects : public std::enable_shared_from_this<BluezObjects> {
 public:
  static constexpr std::chrono::seconds kReadAgain{2};
  static constexpr std::size_t kAdaptersMax = 8;
  static constexpr std::size_t kDevicesMax = 2048;
  /// Characteristics of our service that one device may list; it has nine.
  static constexpr std::size_t kCharacteristicsMax = 16;

  struct Events {
    /// The adapter is new, or in another state.
    std::function<void(const std::string& adapter, const AdapterState&)> adapter;
    std::function<void(const std::string& adapter)> adapter_gone;
    /// The device is new or in another state; `heard`: just now, on the air.
    std::function<void(const std::string& adapter, const std::string& path, const DeviceState& was,
                       const DeviceState& is, bool heard)>
        device;
    std::function<void(const std::string& adapter, const std::string& path, const DeviceState&)>
        device_gone;
    /// Everything was read again.
    std::function<void()> compared;
    /// Why nothing can be read, and the mend; empty when it can again.
    std::function<void(const std::string& problem)> problem;
  };

  BluezObjects(boost::asio::io_context& io, std::shared_ptr<BluezSession> session, Events events);
  void start();
  void stop() {
    stopped_ = true;
    again_.cancel();
  }

  const std::map<std::string, DeviceState>& devices() const { return devices_; }
  /// The path of a characteristic of our service at a device.
  std::optional<std::string> characteristic(const std::string& device,
                                            const std::string& uuid) const;
  /// BlueZ has not said that this device is connected, and it is.
  void learn_connected(const std::string& path);
  /// Within the events of a reading of everything.
  bool reading() const { return reading_; }
  std::uint64_t malformed() const { return malformed_; }

 private:
  void listen();
  void read_all();
  base::Duration not_read(const sdbus::Error& error);
  void take_all(const Objects& objects);
  void signal(sdbus::Message& message);
  void changed(const std::string& path, sdbus::Message& message);
  void take(const std::string& path, const Interfaces& interfaces, bool from_signal);
  void removed(const std::string& path, const std::vector<std::string>& interfaces);
  void drop_adapter(const std::string& name);
  void drop_device(const std::string& path);
  void forget_below(const std::string& path);
  void learn_characteristic(const std::string& path, const Interfaces& interfaces);
  void learn_device(const std::string& path, const std::string& interface,
                    const Properties& properties, const std::vector<std::string>& gone, bool heard);

  std::shared_ptr<BluezSession> session_;
  std::vector<sdbus::Slot> matches_;
  Events events_;
  boost::asio::steady_timer again_;
  bool stopped_ = false;
  bool read_ = false;
  bool reading_ = false;
  base::Duration read_again_ = kReadAgain;
  std::uint64_t malformed_ = 0;                   ///< signals of another shape than documented
  std::map<std::string, AdapterState> adapters_;  ///< by name
  std::map<std::string, DeviceState> devices_;    ///< by path
  std::map<std::string, std::string> characteristics_;  ///< UUIDs, by path
};

}  // namespace chaski::transport_ble
