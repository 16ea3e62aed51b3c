// SPDX-License-Identifier: Apache-2.0
#include "node/waiting_files.hpp"

#include <algorithm>

namespace chaski::node {

namespace {

bool waits(const FileRecord& record) {
  return record.state == FileState::under_way;
}

}  // namespace

bool WaitingFiles::may_wait(const e2ee::PersonId& contact) const {
  std::size_t all = 0;
  std::size_t theirs = 0;
  for (const auto& [number, record] : files_) {
    if (!waits(record)) continue;
    ++all;
    if (record.contact == contact) ++theirs;
  }
  return all < kMax && theirs < kFromContactMax;
}

const FileRecord* WaitingFiles::find(FileNumber number) const {
  const auto found = files_.find(number);
  return found == files_.end() ? nullptr : &found->second;
}

FileInfo WaitingFiles::info(const FileRecord& record) {
  FileInfo info;
  info.message = record.message;
  info.contact = record.contact;
  info.direction = record.direction;
  info.state = record.state;
  info.waits_for_room = waits(record);
  info.ends = record.ends;
  if (const auto manifest = attachment::decode_manifest(record.manifest)) {
    info.name = manifest->name;
    info.media_type = manifest->media_type;
    info.size = manifest->plan.file_size();
    info.chunks = manifest->plan.data_chunks();
  }
  return info;
}

std::vector<FileInfo> WaitingFiles::infos() const {
  std::vector<FileInfo> out;
  for (const auto& [number, record] : files_) out.push_back(info(record));
  return out;
}

std::optional<FileRecord> WaitingFiles::next(const FileReceiver& receiver) {
  const auto found = std::find_if(files_.begin(), files_.end(), [&](const auto& entry) {
    return waits(entry.second) && receiver.has_room(entry.second.contact);
  });
  if (found == files_.end()) return std::nullopt;
  FileRecord record = std::move(found->second);
  files_.erase(found);
  return record;
}

std::vector<FileRecord> WaitingFiles::end(base::Time now) {
  std::vector<FileRecord> ended;
  for (auto& [number, record] : files_) {
    if (!waits(record) || record.ends > now) continue;
    record.state = FileState::expired;
    ended.push_back(record);
  }
  return ended;
}

std::optional<base::Time> WaitingFiles::first_end() const {
  std::optional<base::Time> first;
  for (const auto& [number, record] : files_) {
    if (waits(record) && (!first || record.ends < *first)) first = record.ends;
  }
  return first;
}

}  // namespace chaski::node
