// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "transport-ble/ble_link_manager.hpp"
#include "transport-ble/bluez_advertisement.hpp"
#include "transport-ble/bluez_objects.hpp"
#include "transport-ble/bluez_service.hpp"
#include "transport-ble/bluez_session.hpp"

namespace chaski::transport_ble {

/// One adapter: tells its BleLinkManager what bluetoothd says, and does what the manager wants.
///
/// It lives between begin() and end(), while bluetoothd has the adapter. A device is one of ours
/// when it was heard with our datum, lists our service or was dialled by us; who is connected
/// otherwise, a headset, is left alone, unless he dialled this machine, is no paired device and one
/// of too many (BleLinkManager::passes_by).
class BluezAdapter : public std::enable_shared_from_this<BluezAdapter> {
 public:
  /// Longer than a dial and its calling off: the manager ends it first.
  static constexpr std::chrono::seconds kDialTimeout{60};

  struct Events {
    std::function<base::Time()> now;
    std::function<void(Device, const Datum&, int rssi)> heard;
    std::function<void(Device)> connected;
    /// BlueZ knows the services of a connected device.
    std::function<void(Device)> resolved;
    std::function<void(Device)> disconnected;
    /// It uses a lane of our service.
    std::function<void(Device, std::unique_ptr<FramePipe>)> lane;
    /// BlueZ is asked for this.
    std::function<void(const Command&)> asked;
    /// BlueZ answered with an error.
    std::function<void(const Command&, const std::string& error)> failed;
  };

  BluezAdapter(boost::asio::io_context& io, std::string name, std::size_t budget,
               base::Random& random, Events events);

  void begin(std::shared_ptr<BluezSession> session, std::shared_ptr<BluezObjects> objects);
  void end();
  void state(const AdapterState& state);
  void device(const std::string& path, const DeviceState& was, const DeviceState& is, bool heard);
  void device_gone(const std::string& path, const DeviceState& state);
  /// All devices were read again.
  void compared();
  /// After what the owner told the manager.
  void turn();

  /// Somebody opened a pipe to us from this device: whether it is connected and has a slot.
  bool speaks(Device device);
  void carried(Device device) { manager_.carried(device, events_.now()); }
  void authenticated(Device device, const Neighbour& neighbour);
  /// Hangs up.
  void close(Device device);
  /// Not on the air, and no links.
  void set_silent(bool silent);
  /// Asks bluetoothd to answer nobody who wants to pair.
  void forbid_pairing() { set("Pairable", sdbus::Variant(false)); }
  /// Asks it to tell those who connect another name than the machine's.
  void hide_name(const std::string& instead) { set("Alias", sdbus::Variant(instead)); }
  /// Where we take L2CAP channels; 0: nowhere.
  void set_psm(std::uint16_t psm);
  /// The path of a characteristic of our service there.
  std::optional<std::string> characteristic(Device device, const std::string& uuid) const;
  const std::shared_ptr<BluezSession>& session() const { return session_; }

  BleLinkManager& manager() { return manager_; }
  const std::string& name() const { return name_; }

 private:
  void linked(Device device);
  void look_at_passer_by(const DeviceState& state);
  void set(const char* property, const sdbus::Variant& value);
  bool is_connected(Device device);
  void provoke(Device device);
  void disconnected(Device device);
  void lane(const std::string& device_path, std::unique_ptr<FramePipe> pipe);
  bool ours(const DeviceState& state) const;
  void carry_out(const Command& command);
  void advertise(const Command& command);
  void start_scan(const Command& command);
  template <class... Args>
  void ask(const Command& command, const std::string& path, const char* interface,
           const char* method, std::chrono::seconds timeout, const Args&... args);
  void answer(const Command& command, const sdbus::Error* error);
  std::string path() const { return "/org/bluez/" + name_; }

  boost::asio::io_context& io_;
  std::string name_;
  Events events_;
  BleLinkManager manager_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<BluezSession> session_;
  std::shared_ptr<BluezObjects> objects_;
  std::uint16_t psm_ = 0;
  std::unique_ptr<BluezAdvertisement> advertisement_;
  std::unique_ptr<BluezService> service_;
  std::optional<Tag> registered_;        ///< the tag under which we advertise
  std::map<Device, std::string> paths_;  ///< what bluetoothd has, by address
  std::set<Device> connected_;           ///< whoever
  std::map<Device, bool> links_;         ///< connected and ours; whether the owner was told
  std::set<Device> strays_;              ///< so when we came: of a process before this
  std::set<Device> passers_by_;          ///< connected, not ours, and they dialled
  AdapterState state_;
  bool silent_ = false;
  bool turning_ = false;
};

}  // namespace chaski::transport_ble
