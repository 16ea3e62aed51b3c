// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "node/people_store.hpp"

namespace chaski::node {

/// One file under way or here; counts up over the life of the data folder.
using FileNumber = std::uint64_t;

enum class FileState : std::uint8_t {
  under_way,
  whole,      ///< incoming: all of it is here
  delivered,  ///< outgoing: the recipient has all of it
  expired,    ///< its time ended before
  damaged,    ///< what is kept of it here cannot be read any more
  wrong,      ///< incoming: its digest is another than its sender said
};
inline constexpr FileState kFileStateLast = FileState::wrong;
const char* to_string(FileState state);

/// What is kept of a file beside its pieces and which of them are there.
struct FileRecord {
  FileNumber number = 0;
  MessageId message = 0;  ///< that with the manifest: what a person names it by
  e2ee::PersonId contact;
  Direction direction = Direction::outgoing;
  FileState state = FileState::under_way;
  base::Time ends{};             ///< node time, from which on nothing more is done for it
  std::uint32_t next_group = 0;  ///< outgoing: the next chunk of data to be made, by group
  std::uint32_t next_row = 0;    ///< and by row
  std::uint32_t parity_groups = 0;  ///< outgoing: groups whose parity is made or not needed
  base::Bytes copy_key;             ///< 32 bytes, under which the pieces are sealed
  base::Bytes manifest;             ///< attachment::encode_manifest()
};

/// Where files lie: pieces as they are sealed, and what makes sense of them.
///
/// Records, marks and what is erased join the commit of the NodeStore. Pieces take effect at once
/// and are durable with the next commit; one that was written and never committed may be there
/// after a crash or not. Records and marks are the person's: like PeopleStore, not to be asked
/// for while the vault is closed.
class FileStore {
 public:
  virtual ~FileStore() = default;

  /// Whether so many more bytes of pieces may be written now.
  virtual bool has_room(std::uint64_t bytes) = 0;
  /// Most bytes of pieces that may ever be there.
  virtual std::uint64_t capacity() = 0;
  /// A number that no file has or had; its pieces may be written before its record is saved. They
  /// are gone when the store is rolled back or its vault closed before that.
  virtual FileNumber new_number() = 0;

  virtual void save(const FileRecord& record) = 0;
  /// Ascending.
  virtual void for_each(const std::function<void(const FileRecord&)>& visit) = 0;
  /// A page of what is there of a file (attachment::ChunkBook), below 65,536.
  virtual void save_marks(FileNumber number, std::uint32_t page, base::ByteView marks) = 0;
  virtual std::optional<base::Bytes> load_marks(FileNumber number, std::uint32_t page) = 0;
  /// Record, marks and pieces; pieces once that is committed.
  virtual void erase(FileNumber number) = 0;
  /// The pieces alone, once that is committed.
  virtual void erase_pieces(FileNumber number) = 0;

  /// False when there is no such file, or the disk refuses.
  virtual bool write(FileNumber number, std::uint64_t offset, base::ByteView piece) = 0;
  /// False when it is not there whole.
  virtual bool read(FileNumber number, std::uint64_t offset, base::MutableByteView out) = 0;
};

}  // namespace chaski::node
