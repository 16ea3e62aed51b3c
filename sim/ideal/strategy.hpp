// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.hpp"

namespace chaski::sim {

/// How copies of a message spread.
struct Strategy {
  enum class Kind : std::uint8_t {
    direct,        ///< from its author to its recipient
    epidemic,      ///< to everybody who is met
    two_hop,       ///< its author gives it to everybody, they to the recipient alone
    spray_binary,  ///< of `copies` each gives half away, the greater half; with one left, it waits
    spray_source,  ///< the author gives `copies` less one away, one at a time
    prophet,       ///< PRoPHETv2: to those who are likelier to meet the recipient (RFC 6693, GRTR)
  };
  Kind kind = Kind::epidemic;
  std::uint16_t copies = 6;  ///< of spraying: L; above 0
  /// Of PRoPHETv2: what lies between two meetings of a pair, typically (I_TYP).
  base::Duration typical_interval = std::chrono::minutes(30);

  bool sprays() const { return kind == Kind::spray_binary || kind == Kind::spray_source; }
  /// Of `held` copies, what the one who gets the message has then.
  std::uint16_t given(std::uint16_t held) const {
    return static_cast<std::uint16_t>(kind == Kind::spray_binary ? (held + 1) / 2 : 1);
  }
};

}  // namespace chaski::sim
