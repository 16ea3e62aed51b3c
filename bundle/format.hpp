// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace chaski::bundle {

// Specification constants of docs/protocol/file.md.

/// "chaskis" and the version of the format.
inline constexpr std::array<std::uint8_t, 8> kMagic{'c', 'h', 'a', 's', 'k', 'i', 's', 1};
inline constexpr std::size_t kHeaderSize = 40;
inline constexpr std::size_t kBlockHeadSize = 4;
/// What a sealed block takes at most, without its head.
inline constexpr std::size_t kBlockSizeMax = 256u << 10;
inline constexpr std::size_t kBlockTagSize = 16;
inline constexpr std::size_t kBlockTextMax = kBlockSizeMax - kBlockTagSize;
inline constexpr std::size_t kDigestSize = 32;
/// No larger file is written or read: what fits any file system of a stick.
inline constexpr std::uint64_t kBundleSizeMax = std::uint64_t{1} << 30;

/// Random for each bundle: what its key and its short ids are made with.
using Salt = base::TaggedBytes<struct SaltTag, 16>;
/// By it only the node that wrote a bundle knows it again; to all others it is noise.
using Mark = base::TaggedBytes<struct MarkTag, 16>;

enum class BlockKind : std::uint8_t {
  end = 0,        ///< the digest of all before it; nothing follows
  summary = 1,    ///< short ids of what the writer holds; before all envelopes
  envelopes = 2,  ///< a row of records of wire/
};

enum class BundleError : std::uint8_t {
  not_a_bundle,
  newer_version,
  malformed,  ///< a size or an order that no writer makes
  damaged,    ///< the digest is another one, or a block does not open: also under a wrong key
};
const char* to_string(BundleError error);

struct Header {
  Salt salt;
  Mark mark;
};

struct BlockHead {
  BlockKind kind = BlockKind::end;  ///< may be one that is not known: such blocks are skipped
  std::uint32_t size = 0;           ///< of what follows, at most kBlockSizeMax
};

}  // namespace chaski::bundle
