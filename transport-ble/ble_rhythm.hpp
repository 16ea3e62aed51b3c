// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "base/time.hpp"

namespace chaski::transport_ble {

/// What decides how busy the radio is (ble.md, section 7).
struct Surroundings {
  bool on_battery = false;
  bool waiting = false;     ///< something to go, or somebody worth dialling
  bool full = false;        ///< no slot is free
  std::size_t heard = 0;    ///< nodes in range
  base::Duration alone{0};  ///< nobody heard and nobody linked for so long
};

struct Rhythm {
  base::Duration advertise_every{0};
  base::Duration scan_for{0};  ///< of each scan_every; both 0: not at all
  base::Duration scan_every{0};
  friend bool operator==(const Rhythm&, const Rhythm&) = default;
};

/// The table of ble.md, 7.1 to 7.3.
Rhythm rhythm_of(const Surroundings& surroundings);

}  // namespace chaski::transport_ble
