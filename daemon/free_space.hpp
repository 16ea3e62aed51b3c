// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace chaski::daemon {

/// Watches how much the file system of the data folder has left, without asking it each time.
class FreeSpace {
 public:
  static constexpr std::chrono::milliseconds kAskEvery{500};
  static constexpr std::uint64_t kAskAfterBytes = 8u << 20;

  FreeSpace(std::string folder, std::uint64_t reserve_bytes);

  /// Whether `size` more may be written and the reserve stays free. Having refused, it wants a
  /// sixteenth of the reserve more before it takes again, so that it does not flutter.
  bool has_room(std::uint64_t size);
  void wrote(std::uint64_t size);
  void set_reserve(std::uint64_t reserve_bytes);
  std::uint64_t free_bytes();

 private:
  void ask();

  std::string folder_;
  std::uint64_t reserve_;
  std::uint64_t free_ = 0;
  std::uint64_t written_since_ = 0;
  bool low_ = false;
  std::chrono::steady_clock::time_point asked_at_{};
  bool asked_ = false;
};

}  // namespace chaski::daemon
