// SPDX-License-Identifier: Apache-2.0
#include "daemon/file_io.hpp"

#include <unistd.h>

#include <cerrno>

namespace chaski::daemon {

bool write_all(int file, base::ByteView bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  return true;
}

bool read_all(int file, base::MutableByteView out, off_t at) {
  while (!out.empty()) {
    const ssize_t n = ::pread(file, out.data(), out.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  return true;
}

}  // namespace chaski::daemon
