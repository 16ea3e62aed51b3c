// SPDX-License-Identifier: Apache-2.0
#include "embedded/boards/host/host_flash.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace chaski::embedded {

namespace {

constexpr std::uint32_t kWordSize = 4;
constexpr std::uint32_t kSize = HostFlash::kPageSize * HostFlash::kPages;

bool inside(std::uint32_t offset, std::uint32_t size) {
  return offset <= kSize && size <= kSize - offset;
}

}  // namespace

HostFlash::HostFlash(const std::string& path, std::uint32_t offset)
    : start_(offset), port_{this, kPageSize, kPages, kWordSize, erase, program, read} {
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  struct stat state{};
  if (file_ < 0 || fstat(file_, &state) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  for (std::uint32_t page = 0; page < kPages && state.st_size < off_t{offset} + kSize; ++page) {
    if (erase(this, page) == 0) throw std::system_error(errno, std::generic_category(), path);
  }
}

HostFlash::~HostFlash() {
  close(file_);
}

int HostFlash::erase(void* context, std::uint32_t page) {
  std::array<std::uint8_t, kPageSize> blank;
  blank.fill(0xff);
  const HostFlash& self = *static_cast<HostFlash*>(context);
  const off_t at = off_t{self.start_} + off_t{page} * kPageSize;
  return page < kPages &&
         pwrite(self.file_, blank.data(), blank.size(), at) == static_cast<ssize_t>(blank.size());
}

int HostFlash::program(void* context, std::uint32_t offset, const std::uint8_t* bytes,
                       std::uint32_t size) {
  if (offset % kWordSize != 0 || size % kWordSize != 0 || !inside(offset, size)) return 0;
  const HostFlash& self = *static_cast<HostFlash*>(context);
  for (std::uint32_t at = 0; at < size; at += kWordSize) {
    std::array<std::uint8_t, kWordSize> before{};
    const off_t place = off_t{self.start_} + offset + at;
    if (pread(self.file_, before.data(), kWordSize, place) != kWordSize) return 0;
    for (const std::uint8_t byte : before) {
      if (byte != 0xff) return 0;
    }
    if (pwrite(self.file_, bytes + at, kWordSize, place) != kWordSize) return 0;
  }
  return 1;
}

int HostFlash::read(void* context, std::uint32_t offset, std::uint8_t* out, std::uint32_t size) {
  const HostFlash& self = *static_cast<HostFlash*>(context);
  return inside(offset, size) &&
         pread(self.file_, out, size, off_t{self.start_} + offset) == static_cast<ssize_t>(size);
}

}  // namespace chaski::embedded
