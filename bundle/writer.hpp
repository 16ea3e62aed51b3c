// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bundle/block.hpp"
#include "bundle/parser.hpp"

namespace chaski::bundle {

/// Makes the bytes of a bundle: header, then blocks, summaries before envelopes, then the end.
/// Take the bytes with take() as often as one likes.
class Writer {
 public:
  Writer(const Header& header, const BlockKey& key);
  /// At most kBlockTextMax bytes; not after end().
  void add(BlockKind kind, base::ByteView text);
  void end();
  /// The bytes that were made since.
  base::Bytes take();
  /// Of all bytes made so far.
  std::uint64_t size() const { return size_; }
  /// Of a bundle that is ended after one more block of this text.
  std::uint64_t size_with(std::size_t text_size) const;

 private:
  void count_from(std::size_t before);

  BlockKey key_;
  base::Bytes ready_;
  Digest digest_;
  std::uint64_t size_ = 0;
  std::uint64_t next_index_ = 0;
};

}  // namespace chaski::bundle
