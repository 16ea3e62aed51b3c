// SPDX-License-Identifier: Apache-2.0
#include "daemon/free_space.hpp"

#include <sys/statvfs.h>

#include <limits>
#include <utility>

namespace chaski::daemon {

FreeSpace::FreeSpace(std::string folder, std::uint64_t reserve_bytes)
    : folder_(std::move(folder)), reserve_(reserve_bytes) {}

void FreeSpace::set_reserve(std::uint64_t reserve_bytes) {
  reserve_ = reserve_bytes;
  asked_ = false;
}

bool FreeSpace::has_room(std::uint64_t size) {
  const auto now = std::chrono::steady_clock::now();
  if (!asked_ || now - asked_at_ >= kAskEvery || written_since_ >= kAskAfterBytes) ask();
  const std::uint64_t left = free_ > written_since_ ? free_ - written_since_ : 0;
  const std::uint64_t wanted = reserve_ + size + (low_ ? reserve_ / 16 : 0);
  low_ = left < wanted;
  return !low_;
}

void FreeSpace::wrote(std::uint64_t size) { written_since_ += size; }

std::uint64_t FreeSpace::free_bytes() {
  ask();
  return free_;
}

void FreeSpace::ask() {
  struct statvfs about {};
  asked_at_ = std::chrono::steady_clock::now();
  asked_ = true;
  written_since_ = 0;
  // A file system that cannot be asked is not refused for that: writing will say what is wrong.
  free_ = ::statvfs(folder_.c_str(), &about) == 0
              ? static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize
              : std::numeric_limits<std::uint64_t>::max() / 4;
}

}  // namespace chaski::daemon
