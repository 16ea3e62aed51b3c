// SPDX-License-Identifier: Apache-2.0
#include "tools/files/whole_file.hpp"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace chaski::tools {
namespace {

constexpr std::size_t kChunk = std::size_t{1} << 18;

base::Expected<std::string, FileError> fail(const std::string& path, const std::string& why) {
  return base::unexpected(FileError{path + ": " + why});
}

std::string zlib_error(gzFile file) {
  int code = Z_OK;
  const char* text = gzerror(file, &code);
  if (code == Z_ERRNO) return std::strerror(errno);
  if (code == Z_BUF_ERROR) return "the gzip file is cut off";
  return std::string("the gzip file is damaged (") + text + ")";
}

}  // namespace

base::Expected<std::string, FileError> read_whole_file(const std::string& path,
                                                       std::size_t bytes_max) {
  errno = 0;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose_r);
  if (!file) return fail(path, std::strerror(errno != 0 ? errno : ENOMEM));
  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kChunk);
    const int got = gzread(file.get(), content.data() + before, static_cast<unsigned>(kChunk));
    if (got < 0) return fail(path, zlib_error(file.get()));
    content.resize(before + static_cast<std::size_t>(got));
    if (content.size() > bytes_max) {
      return fail(path, "more than " + std::to_string(bytes_max) + " bytes, unpacked");
    }
    if (static_cast<std::size_t>(got) < kChunk) break;
  }
  // A stream that ends too early is said here alone.
  int code = Z_OK;
  (void)gzerror(file.get(), &code);
  if (code != Z_OK) return fail(path, zlib_error(file.get()));
  return content;
}

}  // namespace chaski::tools
