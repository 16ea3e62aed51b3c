// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "attachment/copy_sealing.hpp"
#include "attachment/file_digest.hpp"
#include "base/random.hpp"
#include "node/file_store.hpp"

namespace chaski::node {

/// A file as it is taken in to be sent: it becomes a sealed copy that nobody can change, and its
/// digest is taken (docs/decisions/0010-a-sealed-copy.md).
///
/// What was taken in is gone when this value is, unless release() was called.
class FileIntake {
 public:
  /// `manifest` has everything but secret and digest; `store` must outlive this.
  FileIntake(FileStore& store, base::Random& random, attachment::Manifest manifest);
  ~FileIntake();
  FileIntake(const FileIntake&) = delete;
  FileIntake& operator=(const FileIntake&) = delete;

  /// The next bytes. False when they are more than were announced, or the disk refuses.
  bool add(base::ByteView bytes);
  /// After the last one. False when bytes are missing, or the disk refuses.
  bool finish();
  std::uint64_t missing() const { return manifest_.plan.file_size() - taken_; }

  /// After finish(): what is to be kept of it.
  const attachment::Manifest& manifest() const { return manifest_; }
  const attachment::CopyKey& copy_key() const { return key_; }
  FileNumber number() const { return number_; }
  /// The copy has a record now, and stays.
  void release() { number_ = 0; }

 private:
  bool write_piece();

  FileStore& store_;
  attachment::Manifest manifest_;
  attachment::FileDigester digester_;
  attachment::CopyKey key_;
  FileNumber number_;
  base::Bytes piece_;  ///< the one that fills, with room for its authenticator
  std::size_t filled_ = 0;
  attachment::ChunkIndex next_ = 0;
  std::uint64_t taken_ = 0;
  bool finished_ = false;
};

}  // namespace chaski::node
