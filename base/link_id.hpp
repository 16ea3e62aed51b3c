// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace chaski::base {

/// One transport connection of this process; never reused while the process lives.
struct LinkId {
  std::uint64_t value = 0;
  friend bool operator==(LinkId, LinkId) = default;
  friend auto operator<=>(LinkId, LinkId) = default;
};

/// Who dialled: the initiator speaks first in the handshake.
enum class LinkRole : std::uint8_t { initiator, responder };

/// What a link runs over; the order is that of preference (the last is the fastest).
enum class TransportKind : std::uint8_t { file, serial, ble, lan };

}  // namespace chaski::base

template <>
struct std::hash<chaski::base::LinkId> {
  std::size_t operator()(chaski::base::LinkId id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
