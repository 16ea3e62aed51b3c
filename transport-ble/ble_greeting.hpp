// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "transport-ble/ble_types.hpp"

namespace chaski::transport_ble {

/// What carries the frames of a link.
enum class PipeKind : std::uint8_t { l2cap = 1, lane = 2 };

/// The first frame of each direction: "CHB1", the sender's tag, what carries it (ble.md, 5.3).
struct Greeting {
  Tag tag;
  PipeKind kind = PipeKind::l2cap;
  friend bool operator==(const Greeting&, const Greeting&) = default;
};

constexpr std::size_t kGreetingSize = 9;

std::array<std::uint8_t, kGreetingSize> encode(const Greeting& greeting);
/// Nothing when it is no greeting of this version.
std::optional<Greeting> parse_greeting(base::ByteView bytes);

/// What the characteristic info says (ble.md, 5.1).
struct ServiceInfo {
  std::uint16_t psm = 0;   ///< of L2CAP; 0: none
  std::uint8_t lane = 0;  ///< 1 to 4; 0: none
  friend bool operator==(const ServiceInfo&, const ServiceInfo&) = default;
};

constexpr std::size_t kInfoSize = 4;

std::array<std::uint8_t, kInfoSize> encode(const ServiceInfo& info);
/// Nothing when the version is another; more bytes than ours are of a later one, and passed over. A
/// PSM or a lane that there cannot be counts as none.
std::optional<ServiceInfo> parse_info(base::ByteView bytes);

}  // namespace chaski::transport_ble
