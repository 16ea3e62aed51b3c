// SPDX-License-Identifier: Apache-2.0
#include "node/memory_files.hpp"

#include <algorithm>
#include <utility>

namespace chaski::node {

void JournaledFiles::journal_file(FileNumber number) {
  const auto found = files_.find(number);
  if (found == files_.end()) return journal_.push_back([this, number] { erase_pieces(number); });
  journal_.push_back([this, number, record = found->second.record, marks = found->second.marks] {
    files_[number].record = record;
    files_[number].marks = marks;
  });
}

void JournaledFiles::save(const FileRecord& record) {
  journal_file(record.number);
  files_[record.number].record = record;
}

void JournaledFiles::for_each(const std::function<void(const FileRecord&)>& visit) {
  for (const auto& [number, file] : files_) {
    if (file.record.number != 0) visit(file.record);
  }
}

void JournaledFiles::save_marks(FileNumber number, std::uint32_t page, base::ByteView marks) {
  journal_file(number);
  files_[number].marks.insert_or_assign(page, base::Bytes(marks.begin(), marks.end()));
}

std::optional<base::Bytes> JournaledFiles::load_marks(FileNumber number, std::uint32_t page) {
  const auto found = files_.find(number);
  if (found == files_.end()) return std::nullopt;
  const auto marks = found->second.marks.find(page);
  if (marks == found->second.marks.end()) return std::nullopt;
  return marks->second;
}

void JournaledFiles::erase(FileNumber number) {
  journal_file(number);
  erase_pieces(number);
  files_[number].record = {};
  files_[number].marks.clear();
}

void JournaledFiles::erase_pieces(FileNumber number) {
  const auto found = files_.find(number);
  if (found == files_.end()) return;
  for (const auto& [offset, piece] : found->second.pieces) bytes_ -= piece.size();
  journal_.push_back([this, number, pieces = std::exchange(found->second.pieces, {})] {
    for (const auto& [offset, piece] : pieces) bytes_ += piece.size();
    files_[number].pieces = pieces;
  });
}

bool JournaledFiles::write(FileNumber number, std::uint64_t offset, base::ByteView piece) {
  if (number == 0 || number >= next_) return false;
  base::Bytes& there = files_[number].pieces[offset];
  bytes_ += piece.size() - there.size();
  journal_.push_back([this, number, offset, before = there] {
    base::Bytes& now = files_[number].pieces[offset];
    bytes_ -= now.size() - before.size();
    now = before;
  });
  there.assign(piece.begin(), piece.end());
  return true;
}

bool JournaledFiles::read(FileNumber number, std::uint64_t offset, base::MutableByteView out) {
  const auto found = files_.find(number);
  if (found == files_.end()) return false;
  const auto piece = found->second.pieces.find(offset);
  if (piece == found->second.pieces.end() || piece->second.size() != out.size()) return false;
  std::copy(piece->second.begin(), piece->second.end(), out.begin());
  return true;
}

void JournaledFiles::roll_back() {
  auto journal = std::exchange(journal_, {});
  for (; !journal.empty(); journal.pop_back()) journal.back()();
  journal_.clear();
  // What was being taken in and has no record is lost, as on a disk.
  for (auto& [number, file] : files_) {
    if (file.record.number == 0) erase_pieces(number);
  }
  journal_.clear();
}

}  // namespace chaski::node
