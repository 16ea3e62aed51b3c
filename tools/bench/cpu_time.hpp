// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

namespace chaski::bench {

/// Processor time of this thread, in seconds: what else the machine does is not ours.
inline double cpu_s() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}
inline double cpu_ms() { return cpu_s() * 1e3; }
inline double cpu_ns() { return cpu_s() * 1e9; }

}  // namespace chaski::bench
