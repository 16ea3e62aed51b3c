// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chaski::tools {

/// What ends chaski-sim: one line, and exit 1, or 2 for what the person asked for wrongly.
struct Failure {
  int exit = 1;
  std::string line;
};

}  // namespace chaski::tools
