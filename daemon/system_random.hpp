// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"

namespace chaski::daemon {

/// The kernel's generator through libsodium.
class SystemRandom final : public base::Random {
 public:
  /// Waits until the kernel's generator is seeded, then initialises libsodium.
  SystemRandom();
  void fill(base::MutableByteView out) override;
};

}  // namespace chaski::daemon
