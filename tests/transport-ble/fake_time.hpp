// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

namespace chaski::transport_ble {

/// The time of this whole process, for as long as it lives: it stands still, and goes when told.
///
/// It is behind clock_gettime itself, so Asio's timers, the time-outs of D-Bus calls and the node's
/// own clock all go by it; one at a time. What waits in the kernel is not woken: see BluezWorld.
class FakeTime {
 public:
  FakeTime();
  ~FakeTime();
  FakeTime(const FakeTime&) = delete;
  FakeTime& operator=(const FakeTime&) = delete;

  void advance(base::Duration duration);
  /// The machine sleeps: the node's clock goes, timers and time-outs do not.
  void suspend(base::Duration duration);
  /// What the node's clock says: it counts suspend.
  base::Time now() const;
};

}  // namespace chaski::transport_ble
