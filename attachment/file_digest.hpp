// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "attachment/manifest.hpp"

namespace chaski::attachment {

/// The digest of a file, piece by piece in order: BLAKE2b-256 (RFC 7693) keyed by the file's
/// secret, personalised "chaski1 file".
class FileDigester {
 public:
  explicit FileDigester(const FileSecret& secret);
  ~FileDigester();
  FileDigester(const FileDigester&) = delete;
  FileDigester& operator=(const FileDigester&) = delete;

  void add(base::ByteView bytes);
  /// Once, at the end.
  FileDigest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace chaski::attachment
