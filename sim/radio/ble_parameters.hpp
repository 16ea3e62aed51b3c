// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"

namespace chaski::sim {

/// What a Bluetooth LE adapter does and draws, where the production code does not decide it.
struct BleParameters {
  // Being heard. A packet is missed when somebody else's is on the air: exp(-0.752 (n - 1) / ms
  // between a node's packets) of them are heard, n advertising in range.
  double collisions = 0.752;
  /// Of an advertisement while the other scans: BlueZ scans half of the time (60 ms windows of
  /// 30 ms), and three channels a packet make it a tenth more.
  double heard_share = 0.55;
  base::Duration advertising_jitter = std::chrono::milliseconds(10);  ///< advDelay, at most
  double rssi_dbm_min = -90;
  double rssi_dbm_max = -50;

  // Dialling.
  base::Duration connect_min = std::chrono::milliseconds(100);
  base::Duration connect_max = std::chrono::milliseconds(400);
  double connect_fails = 0.03;
  /// From the connection to the link: services are read, the channel is opened.
  base::Duration discovery_min = std::chrono::milliseconds(900);
  base::Duration discovery_max = std::chrono::milliseconds(2'600);
  /// The same when the address was dialled before.
  base::Duration known_min = std::chrono::milliseconds(200);
  base::Duration known_max = std::chrono::milliseconds(300);
  std::uint32_t slots = 7;            ///< the budget of the node
  std::uint32_t connections_max = 8;  ///< what the controller holds

  // A link. A third of what the 1M PHY could carry, which practice reaches.
  std::uint64_t goodput_bytes_per_s = 33'000;
  base::Duration latency = std::chrono::milliseconds(20);  ///< a connection interval, nearly
  std::uint32_t frame_size_max = 2'048;
  base::Duration supervision = std::chrono::seconds(4);  ///< until a lost link is noticed

  // Energy, of the radio alone, in milliwatts and millijoules; after measurements of phones' and
  // microcontrollers' BLE controllers, within a factor of two of each.
  double scan_mw = 30;
  double dial_mw = 60;             ///< Linux listens all the time then, not half of it
  double advertisement_mj = 0.03;  ///< one, on three channels
  double connected_mw = 1;         ///< each, empty intervals
  double byte_mj = 0.001;          ///< sent or received
};

/// What the radio of one node, or of all, has done.
struct BleUse {
  double scan_s = 0;
  double dial_s = 0;
  double advertisements = 0;
  double connected_s = 0;   ///< the sum over connections
  std::uint64_t bytes = 0;  ///< sent and received, without what the radio adds
  std::uint64_t heard = 0;  ///< times that the manager was told
  std::uint64_t dials = 0;
  std::uint64_t dials_failed = 0;
  std::uint64_t links = 0;  ///< opened, counted at the dialler

  double energy_mj(const BleParameters& parameters) const {
    return scan_s * parameters.scan_mw + dial_s * parameters.dial_mw +
           advertisements * parameters.advertisement_mj + connected_s * parameters.connected_mw + static_cast<double>(bytes) * parameters.byte_mj;
  }
  BleUse& operator+=(const BleUse& other) {
    scan_s += other.scan_s;
    dial_s += other.dial_s;
    advertisements += other.advertisements;
    connected_s += other.connected_s;
    bytes += other.bytes;
    heard += other.heard;
    dials += other.dials;
    dials_failed += other.dials_failed;
    links += other.links;
    return *this;
  }
};

}  // namespace chaski::sim
