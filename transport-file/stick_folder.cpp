// SPDX-License-Identifier: Apache-2.0
#include "transport-file/stick_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

#include "base/hex.hpp"

namespace chaski::transport_file {

namespace {

constexpr std::size_t kDigits = 8;
constexpr std::string_view kEnding = ".csk";
constexpr std::string_view kUnfinishedEnding = ".tmp";

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has_form(std::string_view name, std::string_view ending) {
  if (name.size() != kDigits + ending.size()) return false;
  const std::string_view digits = name.substr(0, kDigits);
  const std::string_view rest = name.substr(kDigits);
  return std::all_of(digits.begin(), digits.end(),
                     [](char c) {
                       const char lower = to_lower(c);
                       return (lower >= '0' && lower <= '9') || (lower >= 'a' && lower <= 'f');
                     }) &&
         std::equal(rest.begin(), rest.end(), ending.begin(),
                    [](char a, char b) { return to_lower(a) == b; });
}

}  // namespace

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

OpenFile::~OpenFile() {
  close();
}

bool OpenFile::close() {
  return descriptor_ < 0 || ::close(std::exchange(descriptor_, -1)) == 0;
}

bool is_bundle_name(std::string_view name) {
  return has_form(name, kEnding);
}
bool is_unfinished_name(std::string_view name) {
  return has_form(name, kUnfinishedEnding);
}

std::string bundle_name(base::ByteView salt) {
  return base::to_hex(salt.first(kDigits / 2)).append(kEnding);
}

std::string unfinished_name(const std::string& bundle_name) {
  return bundle_name.substr(0, kDigits).append(kUnfinishedEnding);
}

base::Expected<StickFolder, int> StickFolder::open(const std::string& path) {
  OpenFile folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open()) return base::unexpected(errno);
  return StickFolder(std::move(folder));
}

base::Expected<StickListing, int> StickFolder::list() const {
  const int again = ::openat(folder_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return base::unexpected(errno);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(again), &::closedir);
  if (!entries) {
    const int why = errno;
    ::close(again);
    return base::unexpected(why);
  }
  StickListing listing;
  std::size_t seen = 0;
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(entries.get());
    if (entry == nullptr) break;
    if (++seen > kFilesMax) {
      listing.more = true;
      break;
    }
    const std::string_view name = entry->d_name;
    if (is_bundle_name(name)) listing.bundles.emplace_back(name);
    if (is_unfinished_name(name)) listing.unfinished.emplace_back(name);
  }
  if (errno != 0) return base::unexpected(errno);
  std::sort(listing.bundles.begin(), listing.bundles.end());
  if (listing.bundles.size() > kBundlesMax) {
    listing.bundles.resize(kBundlesMax);
    listing.more = true;
  }
  return listing;
}

std::uint64_t StickFolder::free_bytes() const {
  struct statvfs about{};
  if (::fstatvfs(folder_.get(), &about) != 0) return 0;
  return std::uint64_t{about.f_bavail} * about.f_frsize;
}

int StickFolder::remove(const std::string& name) const {
  return ::unlinkat(folder_.get(), name.c_str(), 0) == 0 ? 0 : errno;
}

int StickFolder::sync() const {
  // A file system that cannot do so for a folder has nothing that waits.
  if (::fsync(folder_.get()) == 0 || errno == EINVAL) return 0;
  return errno;
}

}  // namespace chaski::transport_file
