// SPDX-License-Identifier: Apache-2.0
#include "node/file_transfer.hpp"

#include "attachment/copy_sealing.hpp"

namespace chaski::node {

const char* to_string(FileState state) {
  switch (state) {
    case FileState::under_way: return "under_way";
    case FileState::whole: return "whole";
    case FileState::delivered: return "delivered";
    case FileState::expired: return "expired";
    case FileState::damaged: return "damaged";
    case FileState::wrong: return "wrong";
  }
  return "unknown";
}

std::optional<FileTransfer> FileTransfer::load(const FileRecord& record, FileStore& store) {
  const auto manifest = attachment::decode_manifest(record.manifest);
  if (!manifest) return std::nullopt;
  FileTransfer out(record, *manifest);
  for (std::uint32_t page = 0; page < out.book.pages(); ++page) {
    const auto marks = store.load_marks(record.number, page);
    if (marks && !out.book.load_page(page, *marks)) return std::nullopt;
  }
  out.told_at = out.book.useful();
  return out;
}

std::uint32_t FileTransfer::piece_size() const {
  return manifest.plan.chunk_size() + static_cast<std::uint32_t>(attachment::kCopyTagSize);
}

void FileTransfer::save(FileStore& store) {
  if (dirty) store.save(record);
  for (const std::uint32_t page : dirty_pages) {
    store.save_marks(record.number, page, book.save_page(page));
  }
  dirty = false;
  dirty_pages.clear();
}

FileInfo FileTransfer::info() const {
  const bool all = record.state == FileState::whole || record.state == FileState::delivered;
  return {.message = record.message,
          .contact = record.contact,
          .direction = record.direction,
          .state = record.state,
          .waits_for_room = false,
          .name = manifest.name,
          .media_type = manifest.media_type,
          .size = plan().file_size(),
          .chunks_done = all ? plan().data_chunks() : book.useful(),
          .chunks = plan().data_chunks(),
          .ends = record.ends};
}

bool is_news(FileTransfer& transfer) {
  const std::uint32_t step = transfer.plan().data_chunks() / kProgressSteps + 1;
  if (transfer.book.useful() - transfer.told_at < step && !transfer.book.complete()) return false;
  transfer.told_at = transfer.book.useful();
  return true;
}

}  // namespace chaski::node
