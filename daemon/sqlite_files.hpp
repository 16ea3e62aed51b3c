// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/free_space.hpp"
#include "daemon/sealed_rows.hpp"
#include "node/file_store.hpp"

namespace chaski::daemon {

/// The files' part of the SQLite store: records and marks in sealed rows, pieces of each file in
/// a file of its own, `<folder>/<number>.pieces`, as they came or are kept: sealed.
///
/// Rules: (1) sync() before the transaction is committed, so that what a mark names is there.
/// (2) Pieces are removed after the commit that forgets them. (3) At start and after a rollback
/// files without a record go: they were being taken in, or their end was committed and no more.
class SqliteFiles final : public node::FileStore {
 public:
  static constexpr std::size_t kOpenFilesMax = 16;
  /// So much is written before the disk is told to begin.
  static constexpr std::uint64_t kBeginBytes = 1u << 20;

  SqliteFiles(Database& database, SqliteTransaction& transaction, std::string folder,
              FreeSpace& space, std::uint64_t quota_bytes);
  ~SqliteFiles() override;
  SqliteFiles(const SqliteFiles&) = delete;
  SqliteFiles& operator=(const SqliteFiles&) = delete;

  void open(const vault::RecordSealer& sealer);
  /// What is being taken in is lost.
  void close();
  bool empty() { return records_.empty(); }

  bool has_room(std::uint64_t bytes) override;
  std::uint64_t capacity() override { return quota_; }
  node::FileNumber new_number() override;
  void save(const node::FileRecord& record) override;
  void for_each(const std::function<void(const node::FileRecord&)>& visit) override;
  void save_marks(node::FileNumber number, std::uint32_t page, base::ByteView marks) override;
  std::optional<base::Bytes> load_marks(node::FileNumber number, std::uint32_t page) override;
  void erase(node::FileNumber number) override;
  void erase_pieces(node::FileNumber number) override;
  bool write(node::FileNumber number, std::uint64_t offset, base::ByteView piece) override;
  bool read(node::FileNumber number, std::uint64_t offset, base::MutableByteView out) override;

  void set_quota(std::uint64_t quota_bytes) { quota_ = quota_bytes; }
  std::uint64_t bytes() const { return bytes_; }

  bool unsynced() const { return !unsynced_.empty(); }
  /// Makes every piece that was written durable.
  bool sync();
  void committed();
  /// After a rollback and at start. Throws StartError.
  void reload();

 private:
  std::string path(node::FileNumber number) const;
  int file_of(node::FileNumber number, bool create);
  void close_file(node::FileNumber number);
  void remove(node::FileNumber number);
  static std::uint64_t marks_row(node::FileNumber number, std::uint32_t page) {
    return (number << 16) | page;
  }

  Database& database_;
  SqliteTransaction& transaction_;
  std::string folder_;
  FreeSpace& space_;
  std::uint64_t quota_;
  SealedRows records_;
  SealedRows marks_;
  Statement erase_marks_;
  const vault::RecordSealer* sealer_ = nullptr;

  node::FileNumber last_ = 0;              ///< the highest number ever used
  std::set<node::FileNumber> taking_in_;   ///< they have no record yet
  std::map<node::FileNumber, std::uint64_t> sizes_;  ///< bytes written of each
  std::uint64_t bytes_ = 0;
  std::map<node::FileNumber, int> files_;  ///< open ones
  std::map<node::FileNumber, std::uint64_t> unsynced_;  ///< bytes that the disk was not told of
  std::vector<node::FileNumber> erased_;   ///< to be removed after the commit
  bool folder_unsynced_ = false;
};

}  // namespace chaski::daemon
