// SPDX-License-Identifier: Apache-2.0
#include "tools/chaski/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "tools/chaski/command_error.hpp"
#include "tools/chaski/safe_text.hpp"

namespace chaski::tools {

NewFile::NewFile(std::string path) : path_(std::move(path)) {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file_ >= 0) return;
  const int why = errno;
  const auto shown = one_line(path_);
  if (why == EEXIST) {
    throw CommandError{ExitCode::refused, "file_exists", fmt::format("{} exists already", shown),
                       "choose another name, or remove it first"};
  }
  throw CommandError{ExitCode::refused, "cannot_write",
                     fmt::format("cannot create {}: {}", shown, std::strerror(why)),
                     "choose another place"};
}

NewFile::~NewFile() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(path_.c_str());
}

void NewFile::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(file_, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  // Some file systems find out only when it is closed that there is no room.
  const bool whole = content.empty();
  if (whole && ::close(std::exchange(file_, -1)) == 0) return;
  const int why = errno;
  ::unlink(path_.c_str());
  throw CommandError{ExitCode::refused, "cannot_write",
                     fmt::format("cannot write {}: {}", one_line(path_), std::strerror(why)),
                     "make room, or choose another place"};
}

}  // namespace chaski::tools
