// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace chaski::tools {

/// How far a run is: one line on a terminal that is written over; elsewhere a line a minute.
///
/// What takes less than a minute leaves nothing in a log. All goes to the standard error.
class RunProgress {
 public:
  explicit RunProgress(base::Time end);
  ~RunProgress();
  RunProgress(const RunProgress&) = delete;
  RunProgress& operator=(const RunProgress&) = delete;
  void say(const std::string& strategy, base::Time now, std::uint64_t delivered);

 private:
  base::Time end_;
  bool terminal_;
  bool said_ = false;
  std::chrono::steady_clock::time_point last_line_;
};

}  // namespace chaski::tools
