// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "attachment/copy_sealing.hpp"
#include "attachment/file_digest.hpp"
#include "node/file_store.hpp"

namespace chaski::node {

/// A file that is here, whole, from its start to its end; its digest is checked on the way.
class FileReader {
 public:
  enum class End : std::uint8_t {
    none,     ///< not reached yet
    right,    ///< all of it was read, and its digest is the right one
    wrong,    ///< the digest is another: its sender lied
    missing,  ///< a piece is not there any more, or the disk does not give it
  };
  /// `store` must outlive this.
  FileReader(FileStore& store, const FileRecord& record, const attachment::Manifest& manifest);

  /// Some more bytes; empty at the end, whichever it was.
  base::Bytes next();
  End end() const { return end_; }
  std::uint64_t size() const { return manifest_.plan.file_size(); }

 private:
  FileStore& store_;
  FileNumber number_;
  attachment::CopyKey key_;
  attachment::Manifest manifest_;
  attachment::FileDigester digester_;
  attachment::ChunkIndex next_ = 0;
  End end_ = End::none;
};

}  // namespace chaski::node
