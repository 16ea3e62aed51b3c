// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace chaski::transport_ble {

/// The clock of Asio's timers, for what lasts seconds and begins anew after a suspend.
inline base::Time steady_now() {
  const auto at = std::chrono::steady_clock::now().time_since_epoch();
  return base::Time(std::chrono::duration_cast<base::Duration>(at));
}

}  // namespace chaski::transport_ble
