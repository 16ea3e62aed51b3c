// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace chaski::daemon {

/// The data folder, held by this process alone while this value lives.
class StateFolder {
 public:
  /// Creates the folder (0700) when it is missing and locks `<folder>/lock`. Throws StartError: it
  /// cannot be written (kExitState), another daemon has it (kExitBusy).
  explicit StateFolder(const std::string& path);
  StateFolder(const StateFolder&) = delete;
  StateFolder& operator=(const StateFolder&) = delete;
  ~StateFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int lock_ = -1;
};

}  // namespace chaski::daemon
