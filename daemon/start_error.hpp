// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace chaski::daemon {

/// Exit codes of chaskid; documented in docs/api.md.
inline constexpr int kExitUsage = 2;      ///< bad command line or config
inline constexpr int kExitBusy = 3;       ///< another daemon has this data folder
inline constexpr int kExitState = 4;      ///< the data folder or its database cannot be used

/// Why chaskid does not start: what, where and the mend in one line.
class StartError : public std::runtime_error {
 public:
  StartError(int exit_code, const std::string& line)
      : std::runtime_error(line), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

}  // namespace chaski::daemon
