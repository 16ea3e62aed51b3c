// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <string>

#include "attachment/chunk_book.hpp"
#include "attachment/manifest.hpp"
#include "node/file_store.hpp"

namespace chaski::node {

/// What a person is shown of a file.
struct FileInfo {
  MessageId message = 0;
  e2ee::PersonId contact;
  Direction direction = Direction::outgoing;
  FileState state = FileState::under_way;
  bool waits_for_room = false;  ///< incoming: nothing more of it is taken for lack of room
  std::string name;
  std::string media_type;
  std::uint64_t size = 0;
  std::uint32_t chunks_done = 0;  ///< here, or at the recipient as far as it is known
  std::uint32_t chunks = 0;       ///< that are needed
  base::Time ends{};
};

/// One file on its way out or in: its record, and which chunks the recipient has.
struct FileTransfer {
  FileTransfer(FileRecord kept, const attachment::Manifest& about)
      : record(std::move(kept)), manifest(about), book(about.plan) {}
  /// Nothing when the record or its marks are none of ours.
  static std::optional<FileTransfer> load(const FileRecord& record, FileStore& store);

  const attachment::ChunkPlan& plan() const { return manifest.plan; }
  /// Bytes of a sealed chunk, and of a piece of the copy.
  std::uint32_t piece_size() const;
  /// The marks of this group changed.
  void mark(std::uint32_t group) {
    dirty_pages.insert(group / attachment::ChunkBook::kPageGroups);
  }
  bool is_dirty() const { return dirty || !dirty_pages.empty(); }
  void save(FileStore& store);
  FileInfo info() const;

  FileRecord record;
  attachment::Manifest manifest;
  attachment::ChunkBook book;
  bool dirty = false;
  std::set<std::uint32_t> dirty_pages;
  std::uint32_t told_at = 0;  ///< book.useful() when the person was told last
};

/// A person is told of the progress so often while a file comes or goes.
inline constexpr std::uint32_t kProgressSteps = 100;
/// Whether it went on enough for the person to be told; then it counts as told.
bool is_news(FileTransfer& transfer);

}  // namespace chaski::node
