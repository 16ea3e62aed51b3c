// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/transport_hooks.hpp"
#include "transport-ble/ble_link_manager.hpp"

namespace chaski::transport_ble {

struct BleConfig {
  std::vector<std::string> adapters;   ///< "hci0"; empty: all
  std::size_t links_max = 7;           ///< of each adapter, 1 to kBudgetMax
  bool require_privacy = false;        ///< stay off the air with an address that never changes
  bool channels = true;                ///< L2CAP; else lanes alone
  bool leave_pairable = false;         ///< do not switch off that pairing is answered
  bool leave_name = false;             ///< do not hide the machine's name
  friend bool operator==(const BleConfig&, const BleConfig&) = default;
};

/// What `chaski status` shows.
struct BleStatus {
  struct Problem {
    std::string what, mend;
  };
  struct Adapter {
    std::string name;
    bool powered = false;
    bool advertising = false;
    bool scanning = false;
    bool extended = false;  ///< extended advertising
    bool privacy = false;   ///< its address changes
    bool intervals = false;  ///< it advertises as often as we want
    std::size_t heard = 0;  ///< nodes in range
    std::size_t slots = 0;  ///< taken, also by dials
    std::size_t links = 0;
    std::size_t lanes = 0;  ///< of the links: over a lane, and not over L2CAP
  };
  std::vector<Adapter> adapters;
  std::vector<Problem> problems;
};

/// Frames over Bluetooth Low Energy, through BlueZ: neighbours found by advertisements, an L2CAP
/// channel or a lane to each.
///
/// Rules in docs/protocol/ble.md. bluetoothd, bus, adapters and power may be missing, go and come
/// back at any time. hooks as base::TransportHooks says.
class BleTransport {
 public:
  using Wishes = BleLinkManager::Wishes;

  BleTransport(boost::asio::io_context& io, const BleConfig& config, base::Random& random,
               std::function<base::Time()> now, base::TransportHooks hooks);
  ~BleTransport();
  void start();
  /// Hears, dials and advertises no more; links end once their last frames are sent.
  void stop();
  /// What we hold and want; tells neighbours by advertisements.
  void wish(const Wishes& wishes);
  /// There may be frames to pull for this link.
  void kick(base::LinkId link);
  /// Sends what next_frame still gives, then ends it.
  void close(base::LinkId link);
  /// A new period, because the node key changed.
  void rotate();
  /// The neighbour behind this link is `peer`, 32 bytes.
  void identified(base::LinkId link, base::ByteView peer);
  /// Links that are open, or ending.
  std::size_t links() const;
  BleStatus status() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace chaski::transport_ble
