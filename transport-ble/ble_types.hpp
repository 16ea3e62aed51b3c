// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace chaski::transport_ble {

/// A device as one adapter hears it: 48 bits of address, and above them 1 for a random address.
struct Device {
  std::uint64_t value = 0;
  friend bool operator==(Device, Device) = default;
  friend auto operator<=>(Device, Device) = default;
};

/// The name under which a node is heard for one period (ble.md, 1.2).
using Tag = base::TaggedBytes<struct TagOfPeriod, 4>;
/// What stands for everything that a node holds for others; the owner of the transport makes it.
using Digest = base::TaggedBytes<struct DigestOfHeld, 32>;
/// Who is at the other end of a link, as the handshake proved; the owner's word.
using Neighbour = base::TaggedBytes<struct NeighbourOfLink, 32>;

/// Shorter frames are what a link itself says, to see whether anybody is there.
constexpr std::size_t kCarriesFrom = 64;

// What docs/protocol/ble.md says.
constexpr base::Duration kDialPatience = std::chrono::seconds(8);      // 4.5
constexpr base::Duration kCallOffPatience = std::chrono::seconds(4);   // 4.5
constexpr base::Duration kYield = std::chrono::seconds(3);             // 4.2
constexpr base::Duration kDialPauseMin = std::chrono::seconds(5);      // 4.3
constexpr base::Duration kDialPauseMax = std::chrono::seconds(80);     // 4.3
constexpr base::Duration kClaimHolds = std::chrono::seconds(30);       // 4.7
constexpr base::Duration kSilence = std::chrono::seconds(60);          // 4.6
constexpr std::size_t kAmongLinks = 3;                                 // 4.9
constexpr base::Duration kAmongWait = std::chrono::seconds(60);        // 4.9
constexpr base::Duration kAddressAge = std::chrono::seconds(900);      // 3.2
constexpr base::Duration kAddressSlack = std::chrono::seconds(45);     // 3.3
constexpr base::Duration kQuietBefore = std::chrono::seconds(10);      // 3.3
constexpr base::Duration kPrintPause = std::chrono::seconds(10);       // 2.6
constexpr base::Duration kIdleTurn = std::chrono::seconds(2);          // 6.3
constexpr base::Duration kShortTurn = std::chrono::seconds(4);         // 6.3
constexpr base::Duration kLongTurn = std::chrono::seconds(30);         // 6.3
constexpr base::Duration kCommandPatience = std::chrono::seconds(10);  // 6.6
constexpr base::Duration kReconcileEvery = std::chrono::seconds(30);   // 6.5
constexpr std::size_t kHeardMax = 256;                                 // 8
constexpr std::size_t kBudgetMax = 16;                                 // 8

}  // namespace chaski::transport_ble
