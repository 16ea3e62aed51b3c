// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <set>

#include "base/time.hpp"
#include "bus_peer.hpp"

namespace chaski::transport_ble {

/// A bluetoothd on the bus of the test: adapters, devices, an air that the test makes.
///
/// It behaves as BlueZ 5.66 was seen to (tests/labs/ble) unless `manner` says otherwise, and counts
/// what no client of it should do. Addresses are random ones, of 48 bits.
class FakeBluez {
 public:
  using Call = BusPeer::Call;
  /// What becomes of one call.
  struct Manner {
    std::string error{};             ///< not empty: refused with this name
    bool acts = true;                ///< what was asked happens
    bool answers = true;             ///< and its answer is sent
    base::Duration after{0};         ///< when both happen; what comes later, then at the earliest
    base::Duration answer_after{0};  ///< how much later the answer is sent
  };
  struct Advertisement {
    std::vector<std::uint8_t> datum;
    std::vector<std::string> uuids;  ///< of its service data
    std::uint32_t interval_ms = 0;
    std::string path;
  };
  struct Adapter {
    bool powered = true;
    std::set<std::string> scanning;                            ///< clients
    std::map<std::string, Advertisement> advertisements;       ///< by client
    std::map<std::string, std::vector<std::string>> services;  ///< by client: UUIDs of everything
    std::uint64_t scans = 0, dials = 0;                        ///< that were begun
  };

  explicit FakeBluez(boost::asio::io_context& io);

  std::function<Manner(const Call&)> manner;
  /// Sees each call before anything comes of it.
  std::function<void(const Call&)> spy;
  /// How long until an address is connected; nothing: it is out of range. Asked at each dial.
  std::function<std::optional<base::Duration>(std::uint64_t address)> reach;

  void come();
  void go();
  void plug(const std::string& adapter, bool powered = true);
  /// `devices_first`: as bluetoothd does; otherwise only the adapter is said to be gone.
  void unplug(const std::string& adapter, bool devices_first = true);
  void power(const std::string& adapter, bool on);
  /// A node's advertisement arrives; nothing happens while nobody scans.
  void hear(const std::string& adapter, std::uint64_t address, std::vector<std::uint8_t> datum);
  /// Somebody dials us.
  void connect_in(const std::string& adapter, std::uint64_t address,
                  std::vector<std::string> uuids = {});
  /// The link breaks.
  void drop(const std::string& adapter, std::uint64_t address);
  void forget(const std::string& adapter, std::uint64_t address);

  bool connected(const std::string& adapter, std::uint64_t address) const;
  std::set<std::uint64_t> connected_all(const std::string& adapter) const;
  Adapter& adapter(const std::string& name) { return adapters_.at(name); }
  bool has(const std::string& name) const { return adapters_.contains(name); }
  std::size_t calls(const std::string& member) const;
  const std::set<std::string>& wrongs() const { return wrongs_; }

  /// For what a well-behaved bluetoothd would never say.
  BusPeer& bus() { return bus_; }
  BusObjects& everything() { return objects_; }
  void added(const std::string& path, BusInterfaces what);
  void removed(const std::string& path, const std::vector<std::string>& interfaces);
  void changed(const std::string& path, const std::string& interface, BusProperties what,
               const std::vector<std::string>& gone = {});
  static std::string device_path(const std::string& adapter, std::uint64_t address);
  static BusProperties device(std::uint64_t address, bool connected);

 private:
  void called(const Call& call);
  void act(const Call& call);
  void on_adapter(const std::string& name, const Call& call);
  void on_device(const std::string& name, const Call& call);
  void dial(const std::string& name, const Call& call);
  void hang_up(const std::string& path);
  void remove_device(const std::string& path, const char* why);
  void read_advertisement(const std::string& adapter, const std::string& client,
                          const std::string& path, std::optional<Call> call);
  void read_services(const std::string& adapter, const Call& call);
  void client_left(const std::string& client);
  void later(base::Duration after, std::function<void()> what);

  boost::asio::io_context& io_;
  BusPeer bus_;
  std::map<std::string, Adapter> adapters_;
  BusObjects objects_;
  std::set<std::string> links_;        ///< paths of connected devices
  std::set<std::string> called_off_;   ///< dials that were to end, by path
  std::map<std::string, Call> dials_;  ///< by path of the device
  std::map<std::string, std::size_t> counted_;
  std::set<std::string> wrongs_;
  std::chrono::steady_clock::time_point busy_until_{};
  std::deque<std::function<void()>> queue_;  ///< what waits for busy_until_
  std::shared_ptr<int> life_;                ///< until bluetoothd ends
};

}  // namespace chaski::transport_ble
