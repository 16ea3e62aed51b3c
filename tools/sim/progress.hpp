// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/time.hpp"

namespace chaski::tools {

/// One line on a terminal that is written over; nothing elsewhere.
class Progress {
 public:
  explicit Progress(base::Time end);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void say(const std::string& strategy, base::Time now, std::uint64_t delivered);

 private:
  base::Time end_;
  bool shown_;
  bool said_ = false;
};

}  // namespace chaski::tools
