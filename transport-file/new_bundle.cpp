// SPDX-License-Identifier: Apache-2.0
#include "transport-file/new_bundle.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cstdio>

#include <cerrno>

namespace chaski::transport_file {

base::Expected<NewBundle, int> NewBundle::begin(const StickFolder& folder,
                                                const std::string& name) {
  OpenFile file(::openat(folder.get(), unfinished_name(name).c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                         S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH));
  if (!file.is_open()) return base::unexpected(errno);
  return NewBundle(folder, name, std::move(file));
}

NewBundle::~NewBundle() {
  if (file_.is_open()) folder_->remove(unfinished_name(name_));
}

int NewBundle::write(base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return 0;
}

int NewBundle::finish() {
  if (::fsync(file_.get()) != 0) return errno;
  // Renamed while it is open: what fails until then removes it under its first name.
  const std::string first = unfinished_name(name_);
  if (::renameat(folder_->get(), first.c_str(), folder_->get(), name_.c_str()) != 0) return errno;
  if (!file_.close()) return errno;
  return folder_->sync();
}

}  // namespace chaski::transport_file
