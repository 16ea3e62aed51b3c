// SPDX-License-Identifier: Apache-2.0
#include "daemon/body_segments.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <utility>

#include "base/assert.hpp"
#include "daemon/file_io.hpp"
#include "daemon/folder_sync.hpp"

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
  now_ = before_ = Gathered{};
  unsynced_.clear();
  changed_.clear();
  folder_unsynced_ = false;
  current_ = spare_ = freed_ = 0;
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
  if (spare_ != 0) {
    current_ = std::exchange(spare_, 0);
    return true;
  }
  if (::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST) return false;
  const std::uint32_t number = last_ + 1;
  if (open(number, true) < 0) return false;
  last_ = current_ = number;
  segments_.try_emplace(number);
  folder_unsynced_ = true;
  return true;
}

void BodySegments::Gathered::start(BodyPlace place) {
  segment = place.segment;
  first = end = written = place.block;
  bytes.clear();
}

void BodySegments::Gathered::add(base::ByteView body) {
  bytes.reserve(std::size_t{kGatheredBlocksMax} * kBlockSize);
  bytes.insert(bytes.end(), body.begin(), body.end());
  end += blocks_of(body.size());
  bytes.resize(std::size_t{end - first} * kBlockSize);
}

base::ByteView BodySegments::Gathered::find(BodyPlace place, std::uint32_t size) const {
  if (place.segment != segment || place.block < first || place.block + blocks_of(size) > end) {
    return {};
  }
  return base::ByteView(bytes).subspan(std::size_t{place.block - first} * kBlockSize, size);
}

bool BodySegments::write_gathered() {
  if (now_.written == now_.end) return true;
  const int file = open(now_.segment, false);
  const auto rest =
      base::ByteView(now_.bytes).subspan(std::size_t{now_.written - now_.first} * kBlockSize);
  if (file < 0 || !write_all(file, rest, offset_of(now_.written))) return false;
  // The disk begins while we go on, so that sync() waits for less. Errors are sync()'s to tell.
  ::sync_file_range(file, offset_of(now_.written), static_cast<off_t>(rest.size()),
                    SYNC_FILE_RANGE_WRITE);
  now_.written = now_.end;
  return true;
}

base::Expected<BodyPlace, StoreError> BodySegments::append(base::ByteView body) {
  const std::uint32_t blocks = blocks_of(body.size());
  CHASKI_ASSERT(blocks > 0 && blocks <= kSegmentBlocksMax);
  if (current_ != 0 && segments_[current_].end_block + blocks > kSegmentBlocksMax) {
    current_ = 0;
  }
  if (current_ == 0 && !start_segment()) return base::unexpected(StoreError::full);
  Segment& segment = segments_[current_];
  const BodyPlace place{current_, segment.end_block};
  const bool follows = now_.segment == current_ && now_.end == place.block;
  if (!follows || place.block + blocks - now_.first > kGatheredBlocksMax) {
    if (!write_gathered()) return base::unexpected(StoreError::full);
    std::swap(now_, before_);
    now_.start(place);
  }
  now_.add(body);
  segment.end_block += blocks;
  ++segment.live;
  if (unsynced_.empty() || unsynced_.back() != current_) unsynced_.push_back(current_);
  return place;
}

bool BodySegments::read(BodyPlace place, base::MutableByteView out) {
  const auto kept = recent(place, static_cast<std::uint32_t>(out.size()));
  if (!kept.empty()) {
    std::copy(kept.begin(), kept.end(), out.begin());
    return true;
  }
  const int file = open(place.segment, false);
  return file >= 0 && read_all(file, out, offset_of(place.block));
}

base::ByteView BodySegments::recent(BodyPlace place, std::uint32_t size) const {
  const base::ByteView newest = now_.find(place, size);
  return newest.empty() ? before_.find(place, size) : newest;
}

bool BodySegments::sync() {
  if (!write_gathered()) return false;
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
  std::vector<Hole>& freed = known->second.freed;
  // Envelopes go about as they came, so that most holes grow at their end.
  if (!freed.empty() && freed.back().end == place.block) {
    freed.back().end = end;
  } else {
    freed.push_back({place.block, end});
  }
  freed_ += end - place.block;
  if (changed_.empty() || changed_.back() != place.segment) changed_.push_back(place.segment);
}

void BodySegments::reclaim() {
  for (const std::uint32_t segment : changed_) {
    const auto known = segments_.find(segment);
    if (known != segments_.end() && known->second.live == 0) emptied(segment);
  }
  changed_.clear();
  if (freed_ > kFreedMax) punch_all();
}

void BodySegments::emptied(std::uint32_t segment) {
  Segment& empty = segments_[segment];
  for (const Hole& hole : empty.freed) freed_ -= hole.end - hole.first;
  empty = Segment{};
  if (segment == current_ || segment == spare_) return;
  if (spare_ == 0) {
    spare_ = segment;
  } else {
    remove(segment);
  }
}

void BodySegments::trim() {
  if (spare_ != 0) remove(std::exchange(spare_, 0));
  punch_all();
}

void BodySegments::remove(std::uint32_t segment) {
  close(segment);
  ::unlink(path(segment).c_str());
  segments_.erase(segment);
  std::erase(unsynced_, segment);
}

void BodySegments::punch_all() {
  if (freed_ == 0) return;
  for (auto& [segment, about] : segments_) {
    for (const Hole& hole : about.freed) punch(segment, hole);
    about.freed = {};
  }
  freed_ = 0;
}

void BodySegments::punch(std::uint32_t segment, const Hole& hole) {
  const int file = open(segment, false);
  if (file < 0) return;
  [[maybe_unused]] const int ignored =
      ::fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset_of(hole.first),
                  offset_of(hole.end) - offset_of(hole.first));
}

}  // namespace chaski::daemon
