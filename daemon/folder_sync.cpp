// SPDX-License-Identifier: Apache-2.0
#include "daemon/folder_sync.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace chaski::daemon {

bool sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool ok = ::fsync(file) == 0;
  ::close(file);
  return ok;
}

}  // namespace chaski::daemon
