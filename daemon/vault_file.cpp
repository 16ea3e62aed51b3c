// SPDX-License-Identifier: Apache-2.0
#include "daemon/vault_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "daemon/folder_sync.hpp"

namespace chaski::daemon {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNew = ".new";
constexpr const char* kOld = ".old";
/// A key file is far smaller; more is not read.
constexpr std::size_t kReadMax = 4'096;

bool write_all(int file, base::ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

/// In place, so that on a disk that writes in place nothing of it is left.
bool overwrite(const std::string& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct stat about {};
  bool good = ::fstat(file, &about) == 0;
  const base::Bytes zeros(good ? static_cast<std::size_t>(about.st_size) : 0);
  good = good && write_all(file, zeros) && ::fsync(file) == 0;
  ::close(file);
  return good;
}

void overwrite_and_remove(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) return;
  overwrite(path);
  ::unlink(path.c_str());
}

}  // namespace

VaultFile::VaultFile(std::string folder)
    : folder_(std::move(folder)), path_(folder_ + "/vault.key") {
  overwrite_and_remove(path_ + kNew);
  overwrite_and_remove(path_ + kOld);
}

bool VaultFile::exists() const { return ::access(path_.c_str(), F_OK) == 0; }

base::Expected<vault::KeyFile, vault::KeyFileError> VaultFile::read() const {
  base::Bytes bytes(kReadMax);
  const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = file < 0 ? -1 : ::read(file, bytes.data(), bytes.size());
  if (file >= 0) ::close(file);
  bytes.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return vault::KeyFile::decode(bytes);
}

bool VaultFile::replace(const vault::KeyFile& key_file) {
  const std::string fresh = path_ + kNew;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
  const int file = ::open(fresh.c_str(), flags, S_IRUSR | S_IWUSR);
  if (file < 0) return false;
  const bool written = write_all(file, key_file.bytes()) && ::fsync(file) == 0;
  ::close(file);
  // The old one keeps a name until it is overwritten, so that a crash does not leave it behind.
  const std::string old = path_ + kOld;
  const bool had_one = written && ::link(path_.c_str(), old.c_str()) == 0;
  if (!written || ::rename(fresh.c_str(), path_.c_str()) != 0 || !sync_folder(folder_)) {
    overwrite_and_remove(fresh);
    if (had_one) ::unlink(old.c_str());
    return false;
  }
  if (had_one) {
    overwrite_and_remove(old);
    sync_folder(folder_);
  }
  return true;
}

bool VaultFile::destroy() {
  // Also one that is being made or unmade.
  for (const char* beside : {kNew, kOld}) overwrite_and_remove(path_ + beside);
  return overwrite(path_);
}

void VaultFile::remove() {
  overwrite_and_remove(path_);
  sync_folder(folder_);
}

bool panic_is_unfinished(const VaultFile& file) {
  if (!file.exists()) return false;
  const auto read = file.read();
  return !read && read.error() == vault::KeyFileError::destroyed;
}

void erase_data(const std::string& folder) {
  std::error_code ignored;
  for (const char* name : {"chaski.db", "chaski.db-wal", "chaski.db-shm", "chaski.db-journal"}) {
    fs::remove(folder + "/" + name, ignored);
  }
  for (const char* name : {"texts", "bodies", "files"}) {
    fs::remove_all(folder + "/" + name, ignored);
  }
  sync_folder(folder);
  // Last: while it is there, this is done again at the next start.
  fs::remove(folder + "/vault.key", ignored);
  sync_folder(folder);
}

}  // namespace chaski::daemon
