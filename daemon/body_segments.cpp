// SPDX-License-Identifier: Apache-2.0
#include "daemon/body_segments.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "base/assert.hpp"

namespace chaski::daemon {
namespace {

using mesh_router::StoreError;

std::uint32_t blocks_of(std::size_t size) {
  return static_cast<std::uint32_t>((size + BodySegments::kBlockSize - 1) /
                                    BodySegments::kBlockSize);
}

off_t offset_of(std::uint32_t block) {
  return static_cast<off_t>(block) * static_cast<off_t>(BodySegments::kBlockSize);
}

bool write_all(int file, base::ByteView bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  return true;
}

bool read_all(int file, base::MutableByteView out, off_t at) {
  while (!out.empty()) {
    const ssize_t n = ::pread(file, out.data(), out.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(n));
    at += n;
  }
  return true;
}

bool sync_folder(const std::string& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool ok = ::fsync(file) == 0;
  ::close(file);
  return ok;
}

/// The number in "00000012.seg"; 0 when it is no segment's name.
std::uint32_t number_of(const std::string& name) {
  std::uint32_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  return error == std::errc{} && std::string_view(rest, end) == ".seg" ? number : 0;
}

}  // namespace

BodySegments::BodySegments(std::string folder) : folder_(std::move(folder)) {}

BodySegments::~BodySegments() {
  for (const auto& [segment, file] : files_) ::close(file);
}

std::string BodySegments::path(std::uint32_t segment) const {
  const std::string digits = std::to_string(segment);
  return folder_ + "/" + std::string(8 - std::min<std::size_t>(8, digits.size()), '0') + digits +
         ".seg";
}

int BodySegments::open(std::uint32_t segment, bool create) {
  const auto known = files_.find(segment);
  if (known != files_.end()) return known->second;
  if (files_.size() >= kOpenFilesMax) {
    const auto victim = std::find_if(files_.begin(), files_.end(), [this](const auto& entry) {
      return entry.first != current_ &&
             std::find(unsynced_.begin(), unsynced_.end(), entry.first) == unsynced_.end();
    });
    if (victim != files_.end()) close(victim->first);
  }
  const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT | O_EXCL : 0);
  const int file = ::open(path(segment).c_str(), flags, S_IRUSR | S_IWUSR);
  if (file >= 0) files_.emplace(segment, file);
  return file;
}

void BodySegments::close(std::uint32_t segment) {
  const auto known = files_.find(segment);
  if (known == files_.end()) return;
  ::close(known->second);
  files_.erase(known);
}

void BodySegments::forget() {
  for (const auto& [segment, file] : files_) ::close(file);
  files_.clear();
  segments_.clear();
  unsynced_.clear();
  holes_.clear();
  folder_unsynced_ = false;
  current_ = 0;
}

void BodySegments::held(BodyPlace place, std::uint32_t size) {
  Segment& segment = segments_[place.segment];
  ++segment.live;
  segment.end_block = std::max(segment.end_block, place.block + blocks_of(size));
  last_ = std::max(last_, place.segment);
}

void BodySegments::clean() {
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    const std::uint32_t number = number_of(at->path().filename().string());
    if (number == 0) continue;
    last_ = std::max(last_, number);
    const auto known = segments_.find(number);
    if (known == segments_.end()) {
      ::unlink(at->path().c_str());
    } else if (at->file_size(error) >
               static_cast<std::uint64_t>(known->second.end_block) * kBlockSize) {
      // The tail was appended, but its transaction never committed.
      [[maybe_unused]] const int ignored =
          ::truncate(at->path().c_str(), offset_of(known->second.end_block));
    }
  }
}

bool BodySegments::start_segment() {
  if (::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST) return false;
  const std::uint32_t number = last_ + 1;
  if (open(number, true) < 0) return false;
  last_ = current_ = number;
  segments_.try_emplace(number);
  folder_unsynced_ = true;
  return true;
}

base::Expected<BodyPlace, StoreError> BodySegments::append(base::ByteView body) {
  const std::uint32_t blocks = blocks_of(body.size());
  CHASKI_ASSERT(blocks > 0 && blocks <= kSegmentBlocksMax);
  if (current_ != 0 && segments_[current_].end_block + blocks > kSegmentBlocksMax) {
    const std::uint32_t full = current_;
    current_ = 0;
    if (segments_[full].live == 0) remove(full);
  }
  if (current_ == 0 && !start_segment()) return base::unexpected(StoreError::full);
  Segment& segment = segments_[current_];
  const int file = open(current_, false);
  if (file < 0 || !write_all(file, body, offset_of(segment.end_block))) {
    return base::unexpected(StoreError::full);
  }
  const BodyPlace place{current_, segment.end_block};
  segment.end_block += blocks;
  ++segment.live;
  if (unsynced_.empty() || unsynced_.back() != current_) unsynced_.push_back(current_);
  return place;
}

bool BodySegments::read(BodyPlace place, base::MutableByteView out) {
  const int file = open(place.segment, false);
  return file >= 0 && read_all(file, out, offset_of(place.block));
}

bool BodySegments::sync() {
  for (const std::uint32_t segment : unsynced_) {
    const auto known = files_.find(segment);
    if (known != files_.end() && ::fdatasync(known->second) != 0) return false;
  }
  unsynced_.clear();
  if (folder_unsynced_) {
    if (!sync_folder(folder_)) return false;
    if (!sync_folder(std::filesystem::path(folder_).parent_path().string())) return false;
    folder_unsynced_ = false;
  }
  return true;
}

void BodySegments::release(BodyPlace place, std::uint32_t size) {
  const auto known = segments_.find(place.segment);
  CHASKI_ASSERT(known != segments_.end() && known->second.live > 0);
  --known->second.live;
  const std::uint32_t end = place.block + blocks_of(size);
  // Envelopes go about as they came, so that most holes grow at their end.
  if (!holes_.empty() && holes_.back().segment == place.segment &&
      holes_.back().end == place.block) {
    holes_.back().end = end;
  } else {
    holes_.push_back({place.segment, place.block, end});
  }
}

void BodySegments::reclaim() {
  for (const Hole& hole : holes_) {
    const auto known = segments_.find(hole.segment);
    if (known == segments_.end()) continue;
    if (known->second.live > 0 || hole.segment == current_) {
      punch(hole);
    } else {
      remove(hole.segment);
    }
  }
  holes_.clear();
}

void BodySegments::remove(std::uint32_t segment) {
  close(segment);
  ::unlink(path(segment).c_str());
  segments_.erase(segment);
  std::erase(unsynced_, segment);
}

void BodySegments::punch(const Hole& hole) {
  const int file = open(hole.segment, false);
  if (file < 0) return;
  [[maybe_unused]] const int ignored =
      ::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset_of(hole.first),
                  offset_of(hole.end) - offset_of(hole.first));
}

}  // namespace chaski::daemon
