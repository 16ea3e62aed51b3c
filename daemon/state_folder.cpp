// SPDX-License-Identifier: Apache-2.0
#include "daemon/state_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "daemon/start_error.hpp"

namespace chaski::daemon {
namespace {

[[noreturn]] void throw_unusable(const std::string& path, int error) {
  const char* mend = error == EROFS ? "mount it writable or name another folder with --state"
                                    : "name another folder with --state, or run as its owner";
  throw StartError(
      kExitState, "cannot use the data folder " + path + ": " + std::strerror(error) + "; " + mend);
}

void create(const std::string& path) {
  std::error_code error;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return;
  struct stat about {};
  if (errno != EEXIST) throw_unusable(path, errno);
  if (::stat(path.c_str(), &about) != 0) throw_unusable(path, errno);
  if (!S_ISDIR(about.st_mode)) throw_unusable(path, ENOTDIR);
}

std::string holder(int file) {
  std::array<char, 24> text{};
  const ssize_t n = ::pread(file, text.data(), text.size(), 0);
  const std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  const auto end = pid.find_first_not_of("0123456789");
  return pid.empty() || end == 0 ? std::string() : " (process " + pid.substr(0, end) + ")";
}

}  // namespace

StateFolder::StateFolder(const std::string& path) : path_(path) {
  while (path_.size() > 1 && path_.back() == '/') path_.pop_back();
  create(path_);
  const std::string name = path_ + "/lock";
  lock_ = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (lock_ < 0) throw_unusable(path_, errno);
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const std::string who = holder(lock_);
    ::close(lock_);
    throw StartError(kExitBusy, "another chaskid" + who + " uses the data folder " + path_ +
                                    "; stop it or give this one another with --state");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  [[maybe_unused]] const int cut = ::ftruncate(lock_, 0);
  // A full disk must not keep the daemon from starting: the number is only for people.
  [[maybe_unused]] const ssize_t written = ::pwrite(lock_, pid.data(), pid.size(), 0);
}

StateFolder::~StateFolder() { ::close(lock_); }

}  // namespace chaski::daemon
