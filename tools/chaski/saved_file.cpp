// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/saved_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

void SavedFile::cannot(int error) const {
  throw CommandError{ExitCode::refused, "cannot_write",
                     fmt::format("cannot write {}: {}", one_line(path_), std::strerror(error)),
                     "make room, or choose another place"};
}

void SavedFile::exists() const {
  throw CommandError{ExitCode::refused, "file_exists",
                     fmt::format("{} exists already", one_line(path_)),
                     "choose another name, or say --force to replace it"};
}

SavedFile::SavedFile(std::string path, bool force) : path_(std::move(path)), force_(force) {
  struct stat about {};
  const bool is_there = ::lstat(path_.c_str(), &about) == 0;
  if (is_there && !force_) exists();
  if (is_there && S_ISDIR(about.st_mode)) cannot(EISDIR);
  folder_ = std::filesystem::path(path_).parent_path().string();
  if (folder_.empty()) folder_.push_back('.');
  beside_ = folder_ + "/.chaski-save-XXXXXX";
  file_ = ::mkostemp(beside_.data(), O_CLOEXEC);
  if (file_ < 0) cannot(errno);
}

SavedFile::~SavedFile() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(beside_.c_str());
}

void SavedFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) cannot(n < 0 ? errno : EIO);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void SavedFile::finish() {
  if (::fsync(file_) != 0) cannot(errno);
  // Without --force somebody may have been faster: a link takes no name that is taken. File systems
  // without links get a look, then a rename.
  int named = force_ ? ::rename(beside_.c_str(), path_.c_str())
                     : ::link(beside_.c_str(), path_.c_str());
  if (named != 0 && !force_ && errno != EEXIST) {
    if (::access(path_.c_str(), F_OK) == 0) exists();
    named = ::rename(beside_.c_str(), path_.c_str());
  }
  if (named != 0 && errno == EEXIST) exists();
  if (named != 0) cannot(errno);
  ::unlink(beside_.c_str());
  ::close(std::exchange(file_, -1));
  const int folder = ::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  [[maybe_unused]] const int ignored = ::fsync(folder);  // the file itself is durable
  ::close(folder);
}

}  // namespace chaski::tools
