// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "sim/node_index.hpp"

namespace chaski::sim {

/// How a signal grows weak between two people, in decibels.
///
/// Log-distance path loss with log-normal shadowing (Rappaport, "Wireless Communications", 4.9),
/// plus the bodies in between. Defaults are of phones at 2.4 GHz, Bluetooth LE on the 1M PHY.
struct PathLoss {
  double power_dbm = 0;          ///< sent
  double sensitivity_dbm = -96;  ///< below it nobody is heard
  double loss_1m_db = 40;        ///< of the first metre
  double exponent = 2.5;         ///< 2 in sight, 2.5 to 3.5 among walls
  double carried_db = 15;        ///< pockets, hands and the two owners' own bodies, both together
  double body_db = 10;           ///< of one body in between
  double body_width_m = .45;     ///< a way of d metres through n people a m2 meets n d of these
  double bodies_db_max = 20;     ///< then the way around and above is the better one
  double shadowing_db = 5;       ///< standard deviation; cut at kShadowingCut of them
  base::Duration shadowing = std::chrono::seconds(20);  ///< from one value to an independent one
  base::Duration sample = std::chrono::seconds(1);      ///< contacts and crowds are looked at
  /// A signal that is gone for no longer ends no contact: what BleParameters::supervision bridges.
  base::Duration fade = std::chrono::seconds(4);
};

inline constexpr double kShadowingCut = 3;
/// Nearer than this the loss grows no smaller.
inline constexpr double kNearest_m = .1;

/// Of distance alone, both ends' own bodies included.
double distance_loss_db(const PathLoss& model, double distance_m);
/// Of the people in between, `crowd` of them a square metre.
double bodies_loss_db(const PathLoss& model, double distance_m, double crowd);
/// Without shadowing.
double mean_signal_dbm(const PathLoss& model, double distance_m, double crowd);
/// How far a signal with this shadowing is at or above the sensitivity; 0: nowhere.
double reach_m(const PathLoss& model, double crowd, double shadowing_db);
/// Shadowing between two people at a time: normal over pairs, slowly changing, the same both ways,
/// and a function of these four alone.
double shadowing_db(const PathLoss& model, std::uint64_t seed, NodeIndex a, NodeIndex b,
                    base::Time at);

/// How often a bit is wrong, `margin_db` above the sensitivity, which is where it is 0.001
/// (Bluetooth Core 5.4, vol. 6, part A, 4.1); noncoherent detection of two frequencies.
double bit_error(double margin_db);
/// How often a packet of so many bytes, preamble left out, is lost.
double packet_loss(double margin_db, std::uint32_t bytes);

/// Packets of the link layer, preamble left out: an advertisement of 31 bytes, the request to
/// connect, and the longest of data.
inline constexpr std::uint32_t kAdvertisementBytes = 46;
inline constexpr std::uint32_t kConnectBytes = 43;
inline constexpr std::uint32_t kDataPacketBytes = 264;
/// When more packets of data than this are lost, a link stands still.
inline constexpr double kStandstillLoss = .9;
/// How often each packet of data is sent until it arrives; 0: the link stands still.
double sends_per_packet(double margin_db);

/// How strong people hear each other.
class Signals {
 public:
  virtual ~Signals() = default;
  /// Between two others; times do not go back.
  virtual double signal_dbm(NodeIndex a, NodeIndex b, base::Time at) = 0;
  virtual double sensitivity_dbm() const = 0;
};

}  // namespace chaski::sim
