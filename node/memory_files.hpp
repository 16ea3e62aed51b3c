// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "node/file_store.hpp"

namespace chaski::node {

/// Files in memory; every change records how to take it back.
class JournaledFiles final : public FileStore {
 public:
  bool has_room(std::uint64_t bytes) override { return bytes_ + bytes <= bytes_max_; }
  std::uint64_t capacity() override { return bytes_max_; }
  FileNumber new_number() override { return next_++; }
  void save(const FileRecord& record) override;
  void for_each(const std::function<void(const FileRecord&)>& visit) override;
  void save_marks(FileNumber number, std::uint32_t page, base::ByteView marks) override;
  std::optional<base::Bytes> load_marks(FileNumber number, std::uint32_t page) override;
  void erase(FileNumber number) override;
  void erase_pieces(FileNumber number) override;
  bool write(FileNumber number, std::uint64_t offset, base::ByteView piece) override;
  bool read(FileNumber number, std::uint64_t offset, base::MutableByteView out) override;

  void set_bytes_max(std::uint64_t bytes) { bytes_max_ = bytes; }
  std::uint64_t bytes() const { return bytes_; }
  void commit() { journal_.clear(); }
  void roll_back();

 private:
  struct File {
    FileRecord record;  ///< without number: none is saved yet
    std::map<std::uint32_t, base::Bytes> marks;
    std::map<std::uint64_t, base::Bytes> pieces;  ///< by offset
  };
  /// Remembers the file but for its pieces.
  void journal_file(FileNumber number);

  std::uint64_t bytes_max_ = UINT64_MAX;
  std::uint64_t bytes_ = 0;
  FileNumber next_ = 1;
  std::map<FileNumber, File> files_;
  std::vector<std::function<void()>> journal_;
};

}  // namespace chaski::node
