// SPDX-License-Identifier: Apache-2.0
#include "daemon/sqlite_files.hpp"

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
#include "daemon/people_records.hpp"
#include "daemon/start_error.hpp"

namespace chaski::daemon {

using node::FileNumber;
using vault::Table;

namespace {

constexpr std::string_view kEnding = ".pieces";

/// The number in "12.pieces"; 0 when it is none of ours.
FileNumber number_of(const std::string& name) {
  FileNumber number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  return error == std::errc{} && std::string_view(rest, end) == kEnding ? number : 0;
}

}  // namespace

SqliteFiles::SqliteFiles(Database& database, SqliteTransaction& transaction, std::string folder,
                         FreeSpace& space, std::uint64_t quota_bytes)
    : database_(database), transaction_(transaction), folder_(std::move(folder)), space_(space),
      quota_(quota_bytes), records_(database, transaction, "files", Table::files, nullptr),
      marks_(database, transaction, "file_marks", Table::file_marks, nullptr),
      erase_marks_(database, "DELETE FROM file_marks WHERE key BETWEEN ? AND ?") {
  reload();
}

SqliteFiles::~SqliteFiles() {
  for (const auto& [number, file] : files_) ::close(file);
}

std::string SqliteFiles::path(FileNumber number) const {
  return folder_ + "/" + (std::to_string(number) += kEnding);
}

void SqliteFiles::open(const vault::RecordSealer& sealer) {
  sealer_ = &sealer;
  records_.open(&sealer);
  marks_.open(&sealer);
}

void SqliteFiles::close() {
  sealer_ = nullptr;
  records_.close();
  marks_.close();
  for (const FileNumber number : std::exchange(taking_in_, {})) remove(number);
}

void SqliteFiles::reload() {
  for (const auto& [number, file] : files_) ::close(file);
  files_.clear();
  unsynced_.clear();
  erased_.clear();
  taking_in_.clear();
  sizes_.clear();
  bytes_ = 0;
  std::set<FileNumber> recorded;
  Statement all(database_, "SELECT key FROM files");
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) {
    recorded.insert(static_cast<FileNumber>(all.number(0)));
  }
  if (code != SQLITE_DONE) {
    // Nothing may be cleaned up by half a list.
    throw StartError(kExitState, "cannot read the files in the database: " +
                                     database_.message() + "; check the disk");
  }
  if (!recorded.empty()) last_ = std::max(last_, *recorded.rbegin());
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder_, error), end; !error && at != end;
       at.increment(error)) {
    const FileNumber number = number_of(at->path().filename().string());
    if (number == 0) continue;
    last_ = std::max(last_, number);
    struct stat about {};
    if (!recorded.contains(number)) {
      ::unlink(at->path().c_str());
    } else if (::stat(at->path().c_str(), &about) == 0) {
      constexpr std::uint64_t kStatBlock = 512;
      sizes_[number] = static_cast<std::uint64_t>(about.st_blocks) * kStatBlock;
      bytes_ += sizes_[number];
    }
  }
}

bool SqliteFiles::has_room(std::uint64_t bytes) {
  return bytes_ + bytes <= quota_ && space_.has_room(bytes);
}

FileNumber SqliteFiles::new_number() {
  taking_in_.insert(++last_);
  sizes_[last_] = 0;
  return last_;
}

void SqliteFiles::save(const node::FileRecord& record) {
  taking_in_.erase(record.number);
  records_.put(record.number, encode_file(record));
}

void SqliteFiles::for_each(const std::function<void(const node::FileRecord&)>& visit) {
  // One that does not open any more keeps its pieces: they may be wanted when the disk is mended.
  records_.for_each([&](std::uint64_t row, base::ByteView plain) {
    auto record = decode_file(plain);
    if (!record) return;
    record->number = row;
    visit(*record);
  });
}

void SqliteFiles::save_marks(FileNumber number, std::uint32_t page, base::ByteView marks) {
  marks_.put(marks_row(number, page), marks);
}

std::optional<base::Bytes> SqliteFiles::load_marks(FileNumber number, std::uint32_t page) {
  return marks_.get(marks_row(number, page));
}

void SqliteFiles::erase(FileNumber number) {
  records_.erase(number);
  if (!transaction_.begin()) return;
  transaction_.check(erase_marks_.run(marks_row(number, 0), marks_row(number, 0xFFFF)));
  erase_pieces(number);
}

void SqliteFiles::erase_pieces(FileNumber number) {
  if (taking_in_.erase(number) != 0) return remove(number);
  if (sizes_.contains(number)) erased_.push_back(number);
}

void SqliteFiles::remove(FileNumber number) {
  close_file(number);
  unsynced_.erase(number);
  ::unlink(path(number).c_str());
  const auto size = sizes_.find(number);
  if (size == sizes_.end()) return;
  bytes_ -= size->second;
  sizes_.erase(size);
}

void SqliteFiles::committed() {
  for (const FileNumber number : std::exchange(erased_, {})) remove(number);
}

int SqliteFiles::file_of(FileNumber number, bool create) {
  if (const auto known = files_.find(number); known != files_.end()) return known->second;
  if (files_.size() >= kOpenFilesMax) {
    // One that is not synced stays open: what goes wrong with it is told to who has it open.
    const auto victim = std::find_if(files_.begin(), files_.end(), [this](const auto& entry) {
      return !unsynced_.contains(entry.first);
    });
    if (victim != files_.end()) close_file(victim->first);
  }
  if (create && ::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST) return -1;
  const int flags = O_RDWR | O_CLOEXEC | (create ? O_CREAT : 0);
  const int file = ::open(path(number).c_str(), flags, S_IRUSR | S_IWUSR);
  if (file >= 0) files_.emplace(number, file);
  if (file >= 0 && create) folder_unsynced_ = true;
  return file;
}

void SqliteFiles::close_file(FileNumber number) {
  const auto known = files_.find(number);
  if (known == files_.end()) return;
  ::close(known->second);
  files_.erase(known);
}

bool SqliteFiles::write(FileNumber number, std::uint64_t offset, base::ByteView piece) {
  const auto size = sizes_.find(number);
  if (size == sizes_.end()) return false;
  const int file = file_of(number, true);
  if (file < 0) return false;
  std::uint64_t& waiting = unsynced_[number];
  if (!write_all(file, piece, static_cast<off_t>(offset))) return false;
  size->second += piece.size();
  bytes_ += piece.size();
  space_.wrote(piece.size());
  waiting += piece.size();
  if (waiting >= kBeginBytes) {
    // The disk begins while we go on, so that sync() waits for less. Errors are sync()'s to tell.
    ::sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
    waiting = 0;
  }
  return true;
}

bool SqliteFiles::read(FileNumber number, std::uint64_t offset, base::MutableByteView out) {
  if (!sizes_.contains(number)) return false;
  const int file = file_of(number, false);
  return file >= 0 && read_all(file, out, static_cast<off_t>(offset));
}

bool SqliteFiles::sync() {
  for (const auto& [number, waiting] : unsynced_) {
    const auto known = files_.find(number);
    CHASKI_ASSERT(known != files_.end());
    if (::fdatasync(known->second) != 0) return false;
  }
  unsynced_.clear();
  if (!folder_unsynced_) return true;
  if (!sync_folder(folder_)) return false;
  if (!sync_folder(std::filesystem::path(folder_).parent_path().string())) return false;
  folder_unsynced_ = false;
  return true;
}

}  // namespace chaski::daemon
