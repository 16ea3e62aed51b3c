// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "fake_bluez.hpp"
#include "fake_bus.hpp"
#include "fake_time.hpp"
#include "transport-ble/bluez_radio.hpp"

namespace chaski::transport_ble {

/// A node's BluezRadio on a bus with a bluetoothd, in a time that goes only in run().
///
/// It checks after each step: slots within the budget, no command later than its patience, no dial
/// longer than it may last, one disconnected() for each connected(). `wrongs` has what was not so.
class BluezWorld {
 public:
  static constexpr base::Duration kStep = std::chrono::milliseconds(250);

  explicit BluezWorld(FakeBus::Policy policy = FakeBus::Policy::kAllow, std::uint64_t seed = 1,
                      std::size_t budget = 4);
  ~BluezWorld();

  /// Everybody has said and heard all that can be without time passing.
  void settle();
  void run(base::Duration duration, base::Duration step = kStep);
  /// Time passes until it is so; false when it is not within `patience`.
  bool until(const std::function<bool()>& so, base::Duration patience);

  BleLinkManager& manager(const std::string& adapter);
  bool has(const std::string& adapter) { return radio->find(adapter) != nullptr; }
  /// Whether bluetoothd advertises for us what the manager says it is.
  bool advertises(const std::string& adapter);
  bool scans(const std::string& adapter);
  /// A node with something new for us, heard on each step until it is linked; whether it is soon.
  bool meets_a_newcomer(const std::string& adapter,
                        base::Duration patience = std::chrono::seconds(30));
  /// It advertises, scans and meets a newcomer: all that a node is to do.
  bool works(const std::string& adapter,
             std::chrono::minutes patience = std::chrono::minutes(2));
  /// A datum worth dialling at once: the smallest tag loses against ours, so we dial.
  static std::vector<std::uint8_t> worth(std::uint64_t address);
  std::size_t open(const std::string& adapter) const;

  FakeTime time;
  FakeBus bus;
  boost::asio::io_context io{1};
  FakeBluez bluez{io};
  base::SeededRandom random;
  std::shared_ptr<BluezRadio> radio;
  std::string problem = "(none yet)";
  std::vector<std::string> failures;  ///< what BlueZ refused
  std::set<std::string> wrongs;
  std::uint64_t gone = 0;   ///< adapters
  base::Duration slack{0};  ///< commands may be later by this
  std::map<std::string, std::map<Device, bool>> links;
  std::uint64_t connections = 0;

 private:
  BluezAdapter::Events events_of(const std::string& name);
  void kick();
  void look();

  std::size_t budget_;
  std::map<std::string, base::Time> dialling_since_;
  std::size_t dials_ = 0;
  std::uint64_t newcomers_ = 0;
};

}  // namespace chaski::transport_ble
