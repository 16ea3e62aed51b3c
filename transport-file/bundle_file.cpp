// SPDX-License-Identifier: Apache-2.0
#include "transport-file/bundle_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace chaski::transport_file {

namespace {

BundleProblem problem_of(bundle::BundleError error) {
  switch (error) {
    case bundle::BundleError::not_a_bundle:
      return BundleProblem::not_a_bundle;
    case bundle::BundleError::newer_version:
      return BundleProblem::newer_version;
    case bundle::BundleError::malformed:
    case bundle::BundleError::damaged:
      break;
  }
  return BundleProblem::not_whole;
}

/// All of `out` from this place of the file on. False: not_whole or unreadable.
base::Expected<void, BundleProblem> read_at(int file, std::uint64_t at, base::MutableByteView out) {
  while (!out.empty()) {
    const ssize_t n = ::pread(file, out.data(), out.size(), static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::unexpected(BundleProblem::unreadable);
    if (n == 0) return base::unexpected(BundleProblem::not_whole);
    out = out.subspan(static_cast<std::size_t>(n));
    at += static_cast<std::uint64_t>(n);
  }
  return {};
}

}  // namespace

const char* to_string(BundleProblem problem) {
  switch (problem) {
    case BundleProblem::not_a_file:
      return "not_a_file";
    case BundleProblem::not_a_bundle:
      return "not_a_bundle";
    case BundleProblem::newer_version:
      return "newer_version";
    case BundleProblem::not_whole:
      return "not_whole";
    case BundleProblem::too_large:
      return "too_large";
    case BundleProblem::unreadable:
      return "unreadable";
  }
  return "?";
}

base::Expected<BundleFile, BundleProblem> BundleFile::open(const StickFolder& folder,
                                                           const std::string& name) {
  OpenFile file(::openat(folder.get(), name.c_str(),
                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.is_open()) {
    const bool is_other = errno == ELOOP || errno == ENXIO || errno == ENODEV;
    return base::unexpected(is_other ? BundleProblem::not_a_file : BundleProblem::unreadable);
  }
  struct stat about{};
  if (::fstat(file.get(), &about) != 0) return base::unexpected(BundleProblem::unreadable);
  if (!S_ISREG(about.st_mode)) return base::unexpected(BundleProblem::not_a_file);
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size > bundle::kBundleSizeMax) return base::unexpected(BundleProblem::too_large);
  BundleFile opened(std::move(file), size);
  opened.header_.resize(bundle::kHeaderSize);
  if (size < bundle::kHeaderSize) return base::unexpected(BundleProblem::not_a_bundle);
  if (const auto read = read_at(opened.file_.get(), 0, opened.header_); !read) {
    return base::unexpected(read.error());
  }
  bundle::Parser parser;
  if (const auto step = parser.take(opened.header_); !step) {
    return base::unexpected(problem_of(step.error()));
  }
  return opened;
}

base::Expected<void, BundleProblem> BundleFile::walk(const Visit& visit) {
  bundle::Parser parser;
  base::Bytes bytes;  // the last head, and what follows it
  std::uint64_t at = 0;
  while (!parser.done()) {
    const std::size_t wanted = parser.wants();
    if (at + wanted > size_) return base::unexpected(BundleProblem::not_whole);
    const std::size_t before = bytes.size();
    bytes.resize(before + wanted);
    const auto fresh = base::MutableByteView(bytes).subspan(before);
    if (const auto read = read_at(file_.get(), at, fresh); !read) return read;
    at += wanted;
    const auto step = parser.take(fresh);
    if (!step) return base::unexpected(problem_of(step.error()));
    if (step->header || step->block) {
      if (!visit(*step, bytes)) return {};
      bytes.clear();
    }
  }
  if (at != size_) return base::unexpected(BundleProblem::not_whole);
  return {};
}

base::Expected<void, BundleProblem> BundleFile::check(
    const std::function<void(std::uint64_t)>& progress) {
  std::uint64_t done = 0;
  return walk([&](const bundle::Parser::Step&, base::ByteView bytes) {
    done += bytes.size();
    progress(done);
    return true;
  });
}

base::Expected<void, BundleProblem> BundleFile::read(
    const std::function<bool(bundle::BlockKind, std::uint64_t, base::ByteView)>& block) {
  return walk([&](const bundle::Parser::Step& step, base::ByteView bytes) {
    return !step.block || block(step.block->kind, step.index, bytes);
  });
}

}  // namespace chaski::transport_file
