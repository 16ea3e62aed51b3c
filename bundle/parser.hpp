// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "base/expected.hpp"
#include "bundle/format.hpp"

namespace chaski::bundle {

/// BLAKE2b-256 (RFC 7693) of bytes that come piece by piece.
class Digest {
 public:
  Digest();
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void add(base::ByteView bytes);
  /// Of all that was added; nothing is added afterwards.
  std::array<std::uint8_t, kDigestSize> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Walks through the bytes of a bundle, by whoever reads them: needs no key, keeps no block, and
/// says at the end whether all of it is there.
///
/// Order of use: read exactly wants() bytes, take() them, until done(); then the file must be at
/// its end, which is the reader's to see. It never wants more than kBlockSizeMax bytes, nor more
/// than kBundleSizeMax in all.
class Parser {
 public:
  struct Step {
    std::optional<Header> header;    ///< this was the header
    std::optional<BlockHead> block;  ///< this was the sealed text of this block
    std::uint64_t index = 0;         ///< of the block, from 0
  };

  std::size_t wants() const { return wants_; }
  bool done() const { return stage_ == Stage::done; }
  /// Errors end it: not_a_bundle, newer_version, malformed, damaged (the digest).
  base::Expected<Step, BundleError> take(base::ByteView bytes);

 private:
  enum class Stage : std::uint8_t { header, head, text, digest, done };
  base::Expected<Step, BundleError> take_head(base::ByteView bytes);

  Stage stage_ = Stage::header;
  std::size_t wants_ = kHeaderSize;
  std::uint64_t size_ = 0;  // of what was taken
  BlockHead head_;
  std::uint64_t next_index_ = 0;
  bool summary_over_ = false;
  Digest digest_;
};

}  // namespace chaski::bundle
