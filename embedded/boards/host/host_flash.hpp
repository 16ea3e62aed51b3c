// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "embedded/port.h"

namespace chaski::embedded {

/// NOR flash in a file: erasing sets bits, programming clears them, and what breaks that rule fails
/// as it would on a chip. Each word is in the file before the next, so that a process that is
/// killed leaves what a power cut leaves.
class HostFlash {
 public:
  static constexpr std::uint32_t kPageSize = 4'096;
  static constexpr std::uint32_t kPages = 256;

  /// Makes the file when there is none. The flash begins at `offset` in it. Throws
  /// std::system_error.
  explicit HostFlash(const std::string& path, std::uint32_t offset = 0);
  ~HostFlash();
  HostFlash(const HostFlash&) = delete;
  HostFlash& operator=(const HostFlash&) = delete;

  const chaski_flash* port() const { return &port_; }

 private:
  static int erase(void* context, std::uint32_t page);
  static int program(void* context, std::uint32_t offset, const std::uint8_t* bytes,
                     std::uint32_t size);
  static int read(void* context, std::uint32_t offset, std::uint8_t* out, std::uint32_t size);

  int file_ = -1;
  std::uint32_t start_;
  chaski_flash port_;
};

}  // namespace chaski::embedded
